// SPDX-License-Identifier: GPL-3.0-or-later
// Settings: registries, theme, language and where things lie. Needs no registry. Route "settings".
// GUI thread.
#pragma once

#include "ui/client/profiles.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

class QComboBox;

namespace cm::ui {

class Card;
class ConnectionSheet;
class DataTable;
class KeyValueList;

PageFactory settingsPage();

class SettingsPage : public Page {
    Q_OBJECT
public:
    explicit SettingsPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    [[nodiscard]] QList<QAction *> pageActions() const override;

private:
    using Model = ListTableModel<Profile>;

    QWidget *build();
    Card *buildConnections();
    Card *buildLook();
    Card *buildPlaces();
    void connectActions();
    void updateActions();
    void edit(const Profile &profile);
    void editMonitor();
    void onSaved(const QString &id);
    void removeCurrent();
    [[nodiscard]] Profile current() const;

    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    QComboBox *m_theme = nullptr;
    QComboBox *m_language = nullptr;
    KeyValueList *m_places = nullptr;
    QAction *m_add;
    QAction *m_edit;
    QAction *m_monitor;
    QAction *m_remove;
    QAction *m_use;
};

}  // namespace cm::ui
