// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/limits_form.h"

#include <QDoubleSpinBox>

#include <cmath>

namespace cm::ui {

namespace {

constexpr double megabyte = 1024.0 * 1024.0;
constexpr double gigabyte = megabyte * 1024.0;

std::optional<std::int64_t> bytesOf(const QDoubleSpinBox &box, double unit)
{
    if (box.value() <= 0)
        return std::nullopt;
    return static_cast<std::int64_t>(std::llround(box.value() * unit));
}

QDoubleSpinBox *limitBox(std::optional<std::int64_t> bytes, double unit, double most, int decimals)
{
    auto *box = new QDoubleSpinBox;
    box->setRange(0, most);
    box->setDecimals(decimals);
    box->setSpecialValueText(LimitsForm::tr("the registry's default"));
    box->setValue(bytes ? static_cast<double>(*bytes) / unit : 0);
    return box;
}

}  // namespace

LimitsForm::LimitsForm(std::optional<std::int64_t> fileLimit, std::optional<std::int64_t> totalLimit, QObject *parent)
    : QObject(parent), m_file(limitBox(fileLimit, megabyte, 1024 * 1024, 0)), m_total(limitBox(totalLimit, gigabyte, 1024, 1))
{
    m_file->setSuffix(tr(" MB"));
    m_file->setSingleStep(50);
    m_total->setSuffix(tr(" GB"));
}

QWidget *LimitsForm::fileField() const
{
    return m_file;
}

QWidget *LimitsForm::totalField() const
{
    return m_total;
}

std::optional<std::int64_t> LimitsForm::fileLimit() const
{
    return bytesOf(*m_file, megabyte);
}

std::optional<std::int64_t> LimitsForm::totalLimit() const
{
    return bytesOf(*m_total, gigabyte);
}

}  // namespace cm::ui
