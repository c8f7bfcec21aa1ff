// SPDX-License-Identifier: GPL-3.0-or-later
// Users & names: everybody who may come in, sorted and filtered by the registry, with one person's roles, tokens and
// keys beside the list. Routes "people" and "person/NAME", "person/NAME/tokens", "person/NAME/keys". GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/client/when_done.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/list_page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

class QComboBox;
class QLabel;
class QSplitter;

namespace cm::ui {

class DataTable;
class PersonView;
class SearchField;

PageFactory peoplePage();

class PeoplePage : public ListPage {
    Q_OBJECT
public:
    explicit PeoplePage(const PageContext &context, QWidget *parent = nullptr);

    void refresh() override;
    void onEvent(const api::Event &event) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;
    bool stepBack() override;
    // A .pub file, for the person who is open.
    bool takeFiles(const QList<QUrl> &files) override;

protected:
    void point(const Route &route) override;
    void onLoaded() override;
    void readBeside() override;
    [[nodiscard]] bool concerns(const api::Event &event) const override;

private:
    using Model = LazyTableModel<api::User>;

    static QList<Column<api::User>> columns();
    QWidget *build();
    QWidget *buildBar();
    void connectSignals();
    void fetch(const WindowRequest &window);
    void openPerson(const QString &name, const QString &tab);
    void closePerson();
    void showNarrow(bool narrow);
    [[nodiscard]] bool isFiltered() const;

    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    PersonView *m_person = nullptr;
    QSplitter *m_splitter = nullptr;
    SearchField *m_search = nullptr;
    QComboBox *m_role = nullptr;
    QComboBox *m_state = nullptr;
    QLabel *m_count = nullptr;
    QAction *m_open = nullptr;
    QAction *m_add = nullptr;
    QTimer m_followSoon;
};

}  // namespace cm::ui
