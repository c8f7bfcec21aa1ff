// SPDX-License-Identifier: GPL-3.0-or-later
// The list of pages. Each page folder offers one function that answers its PageFactory; the
// composition root collects them. Values; nothing is made before its first show.
#pragma once

#include "ui/shell/page.h"

#include <functional>

namespace cm::ui {

enum class Section { Operate, Moderate, Publish, Change, Bottom };

struct PageFactory {
    // First segment of its routes, such as "projects".
    QString id;
    QString title;
    Section section = Section::Operate;
    // Further first segments that lead to it, such as "project".
    QStringList routes;
    // Whether it stands in the navigation column.
    bool inNavigation = true;
    // Files dropped on the window go to this page.
    bool takesFiles = false;
    std::function<Page *(const PageContext &)> create;
};

class PageRegistry {
public:
    explicit PageRegistry(QList<PageFactory> pages) : m_pages(std::move(pages)) {}

    [[nodiscard]] const QList<PageFactory> &pages() const { return m_pages; }
    // Null where no page answers to the route.
    [[nodiscard]] const PageFactory *find(const Route &route) const;
    [[nodiscard]] const PageFactory *takingFiles() const;
    static QString sectionTitle(Section section);

private:
    QList<PageFactory> m_pages;
};

}  // namespace cm::ui
