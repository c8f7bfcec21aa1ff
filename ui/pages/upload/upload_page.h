// SPDX-License-Identifier: GPL-3.0-or-later
// Upload: files dropped on the window or browsed for, each with its checks before anything is sent,
// its progress and its result; zip files of documentation as well as distributions. Routes "upload" and
// "upload/PATH", which puts that file on the list. GUI thread.
#pragma once

#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace cm::ui {

class DocumentationCard;
class DropArea;
class UploadCard;

PageFactory uploadPage();

class UploadPage : public Page {
    Q_OBJECT
public:
    explicit UploadPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void dropFiles(const QList<QUrl> &files) override;
    // Adds files by path; what is on the list already is passed over.
    void addFiles(const QStringList &paths);

private:
    QWidget *build();
    void browse();
    void sendReady();
    void clearFinished();
    void addDistribution(const QString &path);
    void addDocumentation(const QString &path);
    void remove(UploadCard *card);
    void remove(DocumentationCard *card);
    void updateBar();
    void followRegistry();

    DropArea *m_area = nullptr;
    QScrollArea *m_scroll = nullptr;
    QVBoxLayout *m_list = nullptr;
    QLabel *m_summary = nullptr;
    QAction *m_browse;
    QAction *m_sendAll;
    QAction *m_clear;
    QList<UploadCard *> m_cards;
    QList<DocumentationCard *> m_docs;
    QStringList m_looking;  // at these zip files, to see what they are
    QString m_lastFolder;
    bool m_closed = false;
};

}  // namespace cm::ui
