// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/ssh_keys_view.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/format/public_key.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/shell/ssh_key_sheets.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QCheckBox>
#include <QFile>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

// Far more than a key takes; a file that somebody dropped may be anything.
constexpr qint64 longestFile = 64 * 1024;
constexpr std::int64_t mostKeys = 1'000;

bool isUsable(const api::SshKey &key)
{
    return key.state == api::SshKeyState::Active;
}

QString nameOf(const api::SshKey &key)
{
    return key.title.empty() ? elideMiddle(text(key.fingerprint), 20) : text(key.title);
}

}  // namespace

SshKeysView::SshKeysView(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_model(new Model(columns(), [](const api::SshKey &row) { return QString::number(row.id.value); }, this)),
      m_table(new DataTable(tr("Keys for ssh"))), m_faces(new FacesStack), m_ended(new QCheckBox(tr("Also en&ded"))),
      m_note(wrappedLabel()), m_add(new QAction(tr("Add &ssh key…"), this)), m_change(new QAction(tr("&Change ssh key…"), this)),
      m_revoke(new QAction(tr("Revok&e ssh key…"), this))
{
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("No key for ssh"));
    m_table->addActions(actions());
    m_faces->setContent(m_table);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->hide();
    m_ended->setToolTip(tr("Expired and revoked keys as well"));
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    // Changing is also Enter's, and in the menus: three buttons have no room beside the tokens at twice the font.
    for (QAction *action : {m_add, m_revoke})
        row->addWidget(actionButton(action));
    row->addWidget(m_ended);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(m_faces, 1);
    layout->addWidget(m_note);
    layout->addWidget(foot);
    connectSignals();
    updateActions();
}

QList<Column<api::SshKey>> SshKeysView::columns()
{
    using Row = api::SshKey;
    return {column<Row>({QStringLiteral("title"), tr("Name"), false, false, false, {}, 14, true},
                        [](const Row &row) { return row.title.empty() ? tr("without a name") : text(row.title); },
                        [](const Row &row) { return tr("added %1 by %2").arg(formatTime(row.created), text(row.addedBy)); }),
            column<Row>({QStringLiteral("kind"), tr("Kind"), false, false, false, {}, 15},
                        [](const Row &row) { return keyKindWords(text(row.type), static_cast<int>(row.bits)); },
                        [](const Row &row) { return row.type == "ssh-rsa" ? rsaWords() : text(row.type); },
                        [](const Row &row) { return row.type == "ssh-rsa" && isUsable(row) ? std::optional(api::Verdict::Warning) : std::nullopt; }),
            column<Row>({QStringLiteral("fingerprint"), tr("Fingerprint"), false, true, false, {}, 16}, [](const Row &row) { return text(row.fingerprint); },
                        [](const Row &row) { return text(row.fingerprint); }),
            column<Row>({QStringLiteral("scope"), tr("Covers"), false, false, false, {}, 14},
                        [](const Row &row) {
                            QStringList names;
                            for (const auto &project : row.projects)
                                names << text(project);
                            return names.isEmpty() ? tr("all projects") : names.join(QStringLiteral(", "));
                        }),
            column<Row>({QStringLiteral("used"), tr("Last used, UTC"), false, false, true, {}, 32},
                        [](const Row &row) {
                            if (!row.lastUsed)
                                return tr("never");
                            return row.lastUsedFrom.empty() ? formatMinute(*row.lastUsed)
                                                            : tr("%1 from %2").arg(formatMinute(*row.lastUsed), ltr(text(row.lastUsedFrom)));
                        },
                        [](const Row &row) { return row.lastUsed ? timeTip(*row.lastUsed) : QString(); }),
            column<Row>({QStringLiteral("end"), tr("Expires"), false, false, true, {}, 14},
                        [](const Row &row) {
                            if (row.state == api::SshKeyState::Revoked)
                                return row.revoked ? tr("revoked %1").arg(formatDate(*row.revoked)) : tr("revoked");
                            if (row.state == api::SshKeyState::Expired)
                                return row.expires ? tr("expired %1").arg(formatDate(*row.expires)) : tr("expired");
                            return row.expires ? formatDate(*row.expires) : tr("does not");
                        },
                        [](const Row &row) {
                            if (row.state == api::SshKeyState::Revoked)
                                return tr("by %1: %2").arg(text(row.revokedBy), row.revokeReason.empty() ? dash() : text(row.revokeReason));
                            return row.expires ? timeTip(*row.expires) : QString();
                        })};
}

void SshKeysView::connectSignals()
{
    connect(m_table, &DataTable::currentKeyChanged, this, &SshKeysView::updateActions);
    connect(m_table, &DataTable::opened, m_change, &QAction::trigger);
    connect(m_ended, &QCheckBox::toggled, this, &SshKeysView::read);
    connect(m_add, &QAction::triggered, this, [this] { askAdd({}); });
    connect(m_change, &QAction::triggered, this, &SshKeysView::askChange);
    connect(m_revoke, &QAction::triggered, this, &SshKeysView::askRevoke);
}

void SshKeysView::setPerson(const QString &name)
{
    if (name == m_person)
        return;
    m_person = name;
    m_call.drop();
    m_model->setRows({});
    m_note->hide();
    m_faces->showLoading();
}

void SshKeysView::read()
{
    if (m_faces->face() == Face::Loading)
        m_faces->showLoading();
    api::ListSshKeys request;
    request.user = m_person.toStdString();
    request.ended = m_ended->isChecked();
    request.limit = mostKeys;
    m_call.start(this, m_context.client.call(ep::listSshKeys, request), [this](const Result<api::Page<api::SshKey>> &answer) {
        if (answer)
            show(*answer);
        else
            m_faces->showError(answer.error(), [this] { read(); });
    });
    updateActions();
}

void SshKeysView::show(const api::Page<api::SshKey> &page)
{
    m_model->setRows(QList<api::SshKey>(page.items.begin(), page.items.end()));
    const auto usable = static_cast<int>(std::count_if(page.items.begin(), page.items.end(), isUsable));
    const bool rsa = std::any_of(page.items.begin(), page.items.end(), [](const api::SshKey &key) { return key.type == "ssh-rsa" && isUsable(key); });
    m_note->setText(tr("RSA: OpenSSH before 7.2 cannot log in with it."));
    m_note->setToolTip(rsaWords());
    m_note->setVisible(rsa);
    m_faces->showContent();
    updateActions();
    Q_EMIT counted(usable);
}

const api::SshKey *SshKeysView::current() const
{
    return m_model->rowAt(m_model->rowOf(m_table->currentKey()));
}

void SshKeysView::updateActions()
{
    // Somebody else's are an admin's to add; the registry says of each that is there.
    const auto &who = m_context.connection.who();
    const bool may = m_context.connection.allows(ep::addSshKey) && (m_person.isEmpty() || (who && who->role == api::Role::Admin));
    const api::SshKey *key = current();
    m_add->setEnabled(may);
    m_change->setEnabled(may && key && isUsable(*key));
    m_revoke->setEnabled(may && key && key->state != api::SshKeyState::Revoked);
}

bool SshKeysView::takeFile(const QString &path)
{
    if (!path.endsWith(QLatin1String(".pub")) || !m_add->isEnabled())
        return false;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        m_context.shell.notify(Mark::Warning, tr("The key was not read"), file.errorString());
        return true;
    }
    askAdd(QString::fromUtf8(file.read(longestFile)));
    return true;
}

void SshKeysView::askAdd(const QString &line)
{
    auto *sheet = new AddKeySheet(m_person, line);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        const api::AddSshKey request = sheet->request();
        const QString name = request.title.empty() ? tr("The key") : text(request.title);
        runChange(this, m_context, ep::addSshKey, request, {tr("%1 can upload over ssh now").arg(name), {}}, {sheet, {}, [this] { read(); }});
    });
    m_context.shell.showSheet(sheet);
}

void SshKeysView::askChange()
{
    const api::SshKey *row = current();
    if (!row || !m_change->isEnabled())
        return;
    const api::SshKey key = *row;
    auto *sheet = new ChangeKeySheet(key, nameOf(key), m_context.clock.now());
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, key] {
        QPointer<SshKeysView> self(this);
        const api::ChangeSshKey back{key.id, key.projects, key.expires, "undone"};
        const QString name = nameOf(key);
        runChange(this, m_context, ep::changeSshKey, sheet->request(), {tr("%1 is changed").arg(name), {}},
                  {sheet,
                   [self, back, name] {
                       if (!self)
                           return;
                       runChange(self.data(), self->m_context, ep::changeSshKey, back,
                                 {tr("%1 is as it was").arg(name), tr("%1 was not changed back").arg(name)}, {nullptr, {}, [self] { self->read(); }});
                   },
                   [this] { read(); }});
    });
    m_context.shell.showSheet(sheet);
}

void SshKeysView::askRevoke()
{
    const api::SshKey *row = current();
    if (!row)
        return;
    const QString name = nameOf(*row);
    // There is no way back, so it is asked before.
    auto *sheet = new ActionSheet(tr("Revoke ssh key"), tr("&Revoke %1").arg(name));
    sheet->setDangerous(true);
    sheet->setPlan({tr("Every node refuses it within 5 s."),
                    row->lastUsed ? tr("It was last used %1.").arg(formatTime(*row->lastUsed)) : tr("It was never used."),
                    tr("It stays in the list of ended keys, so that what it uploaded stays attributed.")});
    sheet->setUndoText(tr("This cannot be undone; the same key can be added again."));
    sheet->askReason(!m_person.isEmpty());
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, id = row->id, name] {
        runChange(this, m_context, ep::revokeSshKey, {id, sheet->reason().toStdString()}, {tr("%1 is revoked").arg(name), {}},
                  {sheet, {}, [this] { read(); }});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
