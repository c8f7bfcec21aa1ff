// SPDX-License-Identifier: GPL-3.0-or-later
// What tests of the Deprecations page share: records changed and laid over the samples, sheets filled and pressed.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "tests/ui/pages/page_window.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/data_table.h"

#include <QAction>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>

namespace cm::ui {

inline QJsonObject objectOf(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

template <class T>
T recordOf(const PageWindow &w, const char *name)
{
    return *api::fromJsonText<T>(w.record(name).toStdString());
}

template <class T>
void put(PageWindow &w, const char *name, const T &value)
{
    w.answer(QString::fromLatin1(name), QByteArray::fromStdString(api::toJsonText(value)));
}

inline Page *openRecord(PageWindow &w, const char *route = "deprecations")
{
    w.window.go(Route::parse(QString::fromLatin1(route)));
    return w.window.pages().made(QStringLiteral("deprecations"));
}
inline QAction *action(const Page *page, const QString &text)
{
    for (QAction *one : page->pageActions()) {
        if (one->text().remove(QLatin1Char('&')) == text)
            return one;
    }
    return nullptr;
}
inline QPushButton *confirm(const ActionSheet *sheet, const QString &verb)
{
    for (auto *button : sheet->findChildren<QPushButton *>()) {
        if (button->accessibleName() == verb)
            return button;
    }
    return nullptr;
}
inline void reason(const ActionSheet *sheet, const QString &text)
{
    for (auto *edit : sheet->findChildren<QPlainTextEdit *>()) {
        if (edit->accessibleName() == QStringLiteral("Reason"))
            edit->setPlainText(text);
    }
}
inline qsizetype times(const PageWindow &w, const char *endpoint)
{
    return std::count_if(w.client.sent().begin(), w.client.sent().end(), [&](const auto &sent) { return sent.endpoint == endpoint; });
}
inline QByteArray lastBody(const PageWindow &w, const char *endpoint)
{
    for (auto sent = w.client.sent().crbegin(); sent != w.client.sent().crend(); ++sent) {
        if (sent->endpoint == endpoint)
            return sent->body;
    }
    return {};
}
inline void showTab(const Page *page, int tab) { page->findChild<QTabWidget *>()->setCurrentIndex(tab); }
inline DataTable *table(const Page *page, const QString &name)
{
    for (auto *one : page->findChildren<DataTable *>()) {
        if (one->accessibleName() == name)
            return one;
    }
    return nullptr;
}

}  // namespace cm::ui
