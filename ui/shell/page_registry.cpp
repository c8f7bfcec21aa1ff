// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_registry.h"

#include <QCoreApplication>

#include <algorithm>

namespace cm::ui {

const PageFactory *PageRegistry::find(const Route &route) const
{
    const auto found = std::find_if(m_pages.cbegin(), m_pages.cend(), [&](const PageFactory &page) {
        return page.id == route.page || page.routes.contains(route.page);
    });
    return found == m_pages.cend() ? nullptr : &*found;
}

const PageFactory *PageRegistry::takingFiles() const
{
    const auto found = std::find_if(m_pages.cbegin(), m_pages.cend(), [](const PageFactory &page) { return page.takesFiles; });
    return found == m_pages.cend() ? nullptr : &*found;
}

QString PageRegistry::sectionTitle(Section section)
{
    switch (section) {
    case Section::Operate:
        return QCoreApplication::translate("sections", "Operate");
    case Section::Moderate:
        return QCoreApplication::translate("sections", "Moderate");
    case Section::Publish:
        return QCoreApplication::translate("sections", "Publish");
    case Section::Change:
        return QCoreApplication::translate("sections", "Change");
    case Section::Bottom:
        break;
    }
    return {};
}

}  // namespace cm::ui
