// SPDX-License-Identifier: GPL-3.0-or-later
// Inspector: what lies inside a file of the registry, and the source of any member. Routes
// "inspector/FILE" and "inspector/FILE/MEMBER". GUI thread.
#pragma once

#include "core/api/operations.h"
#include "ui/client/when_done.h"
#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

class QLabel;
class QLineEdit;
class QTreeView;

namespace cm::ui {

class Card;
class CodeView;
class ElidedLabel;
class FacesStack;
class MemberTree;

PageFactory inspectorPage();

class InspectorPage : public Page {
    Q_OBJECT
public:
    explicit InspectorPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;
    bool stepBack() override;

private:
    QWidget *build();
    QWidget *buildTree();
    QWidget *buildSource();
    void readListing();
    void showListing(const api::ArchiveListing &listing);
    void readMember(const QString &path);
    void showMember(const api::MemberContent &content);
    void tellSource();
    void findNext(bool backwards);
    void openTyped();

    QString m_file;
    QString m_path;
    QString m_wantedPath;
    LatestCall m_listing;
    LatestCall m_member;
    MemberTree *m_tree;
    QTreeView *m_view = nullptr;
    CodeView *m_code = nullptr;
    FacesStack *m_sourceFaces = nullptr;
    ElidedLabel *m_fileName = nullptr;
    QLineEdit *m_open = nullptr;
    QLabel *m_treeNote = nullptr;
    ElidedLabel *m_memberName = nullptr;
    QLabel *m_sourceNote = nullptr;
    QLineEdit *m_find = nullptr;
    QLabel *m_findNote = nullptr;
    QAction *m_findNext = nullptr;
    QAction *m_findPrevious = nullptr;
    QAction *m_copyPath = nullptr;
    QAction *m_browse = nullptr;
    qint64 m_size = 0;
    bool m_truncated = false;
};

}  // namespace cm::ui
