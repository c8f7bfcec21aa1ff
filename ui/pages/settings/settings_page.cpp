// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings/settings_page.h"

#include "ui/client/connection.h"
#include "ui/client/secrets.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/settings/connection_sheet.h"
#include "ui/pages/settings/monitor_sheet.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/key_value_list.h"

#include <QAction>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QScrollArea>
#include <QStandardPaths>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

const QString schemeKey = QStringLiteral("theme/scheme");
const QString languageKey = QStringLiteral("language");

}  // namespace

PageFactory settingsPage()
{
    return {QStringLiteral("settings"), SettingsPage::tr("Settings"), Section::Bottom, {}, true, false,
            [](const PageContext &context) { return new SettingsPage(context); }};
}

SettingsPage::SettingsPage(const PageContext &context, QWidget *parent)
    : Page(context, parent), m_add(new QAction(tr("A&dd registry…"), this)), m_edit(new QAction(tr("&Edit…"), this)), m_monitor(new QAction(tr("&Monitor…"), this)),
      m_remove(new QAction(tr("&Remove"), this)), m_use(new QAction(tr("&Use this registry"), this))
{
    setTitle(tr("Settings"));
    setPlainContent(build());
    connectActions();
    connect(&this->context().connection, &Connection::stateChanged, this, &SettingsPage::refresh);
    connect(&this->context().connection, &Connection::registryChanged, this, &SettingsPage::refresh);
    connect(&this->context().theme, &Theme::changed, this, &SettingsPage::refresh);
}

QWidget *SettingsPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QHBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(buildConnections(), 3);
    // Paths are as long as they are: what has no room below is scrolled to.
    auto *side = new QWidget;
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->setAutoFillBackground(false);
    auto *right = new QVBoxLayout(side);
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(metrics::gap);
    for (Card *card : {buildLook(), buildPlaces()}) {
        card->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
        right->addWidget(card);
    }
    right->addStretch(1);
    scroll->setWidget(side);
    side->setAutoFillBackground(false);
    layout->addWidget(scroll, 2);
    return content;
}

Card *SettingsPage::buildConnections()
{
    m_model = new Model({column<Profile>({QStringLiteral("name"), tr("Name"), false, false, false, {}, 16},
                                         [](const Profile &row) { return row.isBundled() ? tr("This machine") : row.name; }),
                         column<Profile>({QStringLiteral("url"), tr("Address"), false, true, false, {}, 28, true},
                                         [](const Profile &row) { return row.isBundled() ? tr("bundled, started with the window") : row.url.toDisplayString(); },
                                         [](const Profile &row) { return row.url.toDisplayString(); }),
                         column<Profile>({QStringLiteral("monitor"), tr("Monitor"), false, true, true, {}, 12},
                                         [](const Profile &row) { return row.monitor.isEmpty() ? dash() : row.monitor.toDisplayString(); },
                                         [](const Profile &row) { return row.monitor.toDisplayString(); }),
                         column<Profile>({QStringLiteral("state"), tr("In use"), false, false, false, {}, 14},
                                         [this](const Profile &row) {
                                             if (row.id != context().connection.profile().id)
                                                 return QString();
                                             const auto &who = context().connection.who();
                                             return who ? tr("as %1").arg(text(who->name)) : tr("yes");
                                         },
                                         {},
                                         [this](const Profile &row) {
                                             if (row.id != context().connection.profile().id)
                                                 return std::optional<api::Verdict>();
                                             return std::optional(context().connection.isLive() ? api::Verdict::Ok : api::Verdict::Unknown);
                                         })},
                        [](const Profile &row) { return row.id; }, this);
    m_table = new DataTable(tr("Registries"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("No registry is known"));
    m_table->addActions(pageActions());
    auto *card = new Card(tr("Registries"));
    card->setContent(m_table);
    auto *buttons = new QWidget;
    auto *row = new FlowLayout(buttons);
    for (QAction *action : pageActions())
        row->addWidget(actionButton(action));
    card->addRow(buttons);
    return card;
}

Card *SettingsPage::buildLook()
{
    auto *card = new Card(tr("Look and language"));
    auto *inner = new QWidget;
    auto *form = new QFormLayout(inner);
    form->setContentsMargins(0, 0, 0, 0);
    form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    m_theme = new QComboBox;
    m_theme->addItem(tr("As the system"), static_cast<int>(Theme::Scheme::System));
    m_theme->addItem(tr("Dark"), static_cast<int>(Theme::Scheme::Dark));
    m_theme->addItem(tr("Light"), static_cast<int>(Theme::Scheme::Light));
    m_theme->setAccessibleName(tr("Theme"));
    m_language = new QComboBox;
    m_language->addItem(tr("As the system"), QString());
    m_language->addItem(QStringLiteral("English"), QStringLiteral("en"));
    m_language->addItem(tr("Test language, 40 % longer"), QStringLiteral("en_XA"));
    m_language->setAccessibleName(tr("Language"));
    form->addRow(tr("&Theme"), m_theme);
    form->addRow(tr("&Language"), m_language);
    auto *note = new QLabel(tr("A new language is used from the next start on."));
    note->setForegroundRole(QPalette::PlaceholderText);
    note->setWordWrap(true);
    card->setContent(inner);
    card->addRow(note);
    return card;
}

Card *SettingsPage::buildPlaces()
{
    auto *card = new Card(tr("Where things lie"));
    m_places = new KeyValueList;
    card->setContent(m_places);
    return card;
}

void SettingsPage::connectActions()
{
    connect(m_table, &DataTable::currentKeyChanged, this, &SettingsPage::updateActions);
    connect(m_table, &DataTable::opened, m_edit, &QAction::trigger);
    connect(m_add, &QAction::triggered, this, [this] { edit({}); });
    connect(m_edit, &QAction::triggered, this, [this] { edit(current()); });
    connect(m_monitor, &QAction::triggered, this, &SettingsPage::editMonitor);
    connect(m_remove, &QAction::triggered, this, &SettingsPage::removeCurrent);
    connect(m_use, &QAction::triggered, this, [this] {
        if (const Profile chosen = current(); !chosen.id.isEmpty() && context().switchRegistry)
            context().switchRegistry(chosen.id);
    });
    connect(m_theme, &QComboBox::activated, this, [this] {
        const auto scheme = static_cast<Theme::Scheme>(m_theme->currentData().toInt());
        context().theme.apply(scheme);
        if (context().settings)
            context().settings->setValue(schemeKey, Theme::nameOf(scheme));
    });
    connect(m_language, &QComboBox::activated, this, [this] {
        if (context().settings)
            context().settings->setValue(languageKey, m_language->currentData().toString());
    });
}

void SettingsPage::activate(const Route &)
{
    refresh();
    if (!m_table->currentIndex().isValid())
        m_table->selectKey(context().connection.profile().id);
}

void SettingsPage::refresh()
{
    m_model->setRows(context().profiles.all());
    m_theme->setCurrentIndex(m_theme->findData(static_cast<int>(context().theme.scheme())));
    if (context().settings)
        m_language->setCurrentIndex(std::max(0, m_language->findData(context().settings->value(languageKey).toString())));
    QList<KeyValueList::Entry> places;
    if (const auto &registry = context().connection.registry()) {
        places.append({tr("Registry"), text(registry->baseUrl), true, {}});
        places.append({tr("For pip"), text(registry->simpleUrl), true, {}});
        places.append({tr("For twine"), text(registry->uploadUrl), true, {}});
        places.append({tr("Core"), text(registry->version), true, {}});
    }
    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/cheesemonger");
    const QString cache = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + QStringLiteral("/cheesemonger");
    places.append({tr("Bundled data"), data, true, {}});
    places.append({tr("Caches"), cache, true, {}});
    if (context().settings)
        places.append({tr("Settings"), context().settings->fileName(), true, {}});
    m_places->set(places);
    updateActions();
}

Profile SettingsPage::current() const
{
    const Profile *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    return row ? *row : Profile{};
}

void SettingsPage::updateActions()
{
    const Profile profile = current();
    const bool remote = !profile.id.isEmpty() && !profile.isBundled();
    const bool inUse = profile.id == context().connection.profile().id;
    m_edit->setEnabled(remote);
    m_monitor->setEnabled(!profile.id.isEmpty());
    m_remove->setEnabled(remote && !inUse);
    m_remove->setToolTip(inUse ? tr("It is in use now") : QString());
    m_use->setEnabled(!profile.id.isEmpty() && !inUse && context().switchRegistry);
}

void SettingsPage::edit(const Profile &profile)
{
    auto *sheet = new ConnectionSheet(context(), profile);
    connect(sheet, &ConnectionSheet::saved, this, &SettingsPage::onSaved);
    context().shell.showSheet(sheet);
}

void SettingsPage::editMonitor()
{
    auto *sheet = new MonitorSheet(context(), current());
    connect(sheet, &MonitorSheet::saved, this, &SettingsPage::onSaved);
    context().shell.showSheet(sheet);
}

void SettingsPage::onSaved(const QString &id)
{
    refresh();
    m_table->selectKey(id);
    // What is in use goes over to its new address, monitor or authority at once.
    if (id == context().connection.profile().id && context().switchRegistry)
        context().switchRegistry(id);
}

void SettingsPage::removeCurrent()
{
    const Profile profile = current();
    if (profile.id.isEmpty() || profile.isBundled())
        return;
    context().profiles.remove(profile.id);
    refresh();
    QPointer<SettingsPage> self(this);
    context().shell.offerUndo(tr("%1 was removed from the list; its token is still kept").arg(profile.name), [self, profile] {
        if (!self)
            return;
        self->context().profiles.save(profile);
        self->refresh();
    });
}

QList<QAction *> SettingsPage::pageActions() const
{
    return {m_use, m_add, m_edit, m_monitor, m_remove};
}

}  // namespace cm::ui
