// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/fonts.h"

namespace cm::ui {

namespace {

QFont scaled(QFont font, double factor)
{
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * factor);
    else
        font.setPixelSize(static_cast<int>(font.pixelSize() * factor));
    return font;
}

}  // namespace

QFont fixedFont(const QFont &base)
{
    // By hint and not by QFontDatabase, whose first use reads every font of the machine.
    QFont font = scaled(base, 0.95);
    font.setFamily(QStringLiteral("monospace"));
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    return font;
}

QFont headingFont(const QFont &base)
{
    QFont font = base;
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont titleFont(const QFont &base)
{
    QFont font = scaled(base, 1.25);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont smallFont(const QFont &base)
{
    return scaled(base, 0.9);
}

}  // namespace cm::ui
