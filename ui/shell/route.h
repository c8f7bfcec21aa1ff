// SPDX-License-Identifier: GPL-3.0-or-later
// A place in the window as text: "projects", "project/requests", "inspector/requests-2.0.tar.gz".
// The first segment names the page, the rest its subject. Values.
#pragma once

#include <QString>

namespace cm::ui {

struct Route {
    QString page;
    // Everything after the first slash, as it is; empty where the page has no subject.
    QString subject;

    static Route parse(const QString &text);
    [[nodiscard]] QString text() const { return subject.isEmpty() ? page : page + QLatin1Char('/') + subject; }
    friend bool operator==(const Route &, const Route &) = default;
};

}  // namespace cm::ui
