// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/people_card.h"

#include "ui/format/csv.h"
#include "ui/format/format.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/search_field.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QSaveFile>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

enum Which { Everybody, NotMoved, NotTold, Unreachable, New, Exempt };

QString joined(const std::vector<std::string> &parts)
{
    QStringList out;
    for (const std::string &part : parts)
        out << text(part);
    return out.join(QStringLiteral(", "));
}

std::string joinedPlain(const std::vector<std::string> &parts)
{
    std::string out;
    for (const std::string &part : parts)
        out += (out.empty() ? "" : " ") + part;
    return out;
}

std::string timeOrNothing(const std::optional<Time> &time)
{
    return time ? formatRfc3339(*time) : std::string();
}

bool wasTold(const api::DeprecationPerson &person)
{
    return person.told && person.toldHow != "failed";
}

}  // namespace

QByteArray peopleAsCsv(const std::vector<api::DeprecationPerson> &people)
{
    std::string out = "user,email,reachable,first_use,last_use,uses_30,uses_90,refused,credentials,clients,projects,told,told_how,notices,exempt_until,moved_over,moved_to,new\r\n";
    for (const api::DeprecationPerson &one : people) {
        appendCsvField(out, one.user);
        appendCsvField(out, one.email);
        appendCsvField(out, one.reachable ? "yes" : "no");
        appendCsvField(out, formatRfc3339(one.firstUse));
        appendCsvField(out, formatRfc3339(one.lastUse));
        for (const std::int64_t count : {one.uses30, one.uses90, one.refused})
            appendCsvField(out, std::to_string(count));
        for (const auto *parts : {&one.credentials, &one.clients, &one.projects})
            appendCsvField(out, joinedPlain(*parts));
        appendCsvField(out, timeOrNothing(one.told));
        appendCsvField(out, one.toldHow);
        appendCsvField(out, std::to_string(one.notices));
        appendCsvField(out, timeOrNothing(one.exemptUntil));
        appendCsvField(out, timeOrNothing(one.movedOver));
        appendCsvField(out, one.movedTo);
        appendCsvField(out, one.isNew ? "yes" : "no", true);
    }
    return QByteArray::fromStdString(out);
}

PeopleCard::PeopleCard(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_model(new Model(columns(), [](const api::DeprecationPerson &row) { return text(row.user); }, this)),
      m_table(new DataTable(tr("People who still use it"))), m_search(new SearchField(tr("Filter by person, project or key"))), m_which(new QComboBox), m_note(new QLabel),
      m_write(new QAction(tr("W&rite to them…"), this)), m_exempt(new QAction(tr("Exempt &until…"), this)), m_export(new QAction(tr("E&xport CSV…"), this))
{
    m_table->setTable(m_model);
    m_table->rememberLayout(context.settings, QStringLiteral("deprecations/people"));
    m_table->addActions(actions());
    m_which->setAccessibleName(tr("Which people"));
    m_which->addItem(tr("Everybody in 90 days"), Everybody);
    m_which->addItem(tr("Not moved over"), NotMoved);
    m_which->addItem(tr("Not told"), NotTold);
    m_which->addItem(tr("Not reachable by mail"), Unreachable);
    m_which->addItem(tr("New since the announcement"), New);
    m_which->addItem(tr("Exempt"), Exempt);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->setTextFormat(Qt::PlainText);
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    row->addWidget(m_search);
    row->addWidget(m_which);
    auto *foot = new QWidget;
    auto *buttons = new FlowLayout(foot);
    for (QAction *action : actions())
        buttons->addWidget(actionButton(action));
    buttons->push();
    buttons->addWidget(m_note);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(bar);
    layout->addWidget(m_table, 1);
    layout->addWidget(foot);
    connect(m_search, &SearchField::searched, this, &PeopleCard::filter);
    connect(m_which, &QComboBox::currentIndexChanged, this, &PeopleCard::filter);
    connect(m_search, &SearchField::leaveDown, this, [this] {
        m_table->setFocus();
        if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
            m_table->selectRow(0);
    });
    connect(m_table, &DataTable::currentKeyChanged, this, &PeopleCard::updateActions);
    connect(m_table, &DataTable::opened, this, [this] { m_context.shell.go({QStringLiteral("person"), m_table->currentKey()}); });
    connect(m_write, &QAction::triggered, this, &PeopleCard::writeWanted);
    connect(m_exempt, &QAction::triggered, this, [this] {
        if (const auto *person = m_model->rowAt(m_model->rowOf(m_table->currentKey())))
            Q_EMIT exemptWanted(text(person->user), person->exemptUntil);
    });
    connect(m_export, &QAction::triggered, this, &PeopleCard::exportCsv);
    updateActions();
}

QList<Column<api::DeprecationPerson>> PeopleCard::columns() const
{
    using Row = api::DeprecationPerson;
    return {column<Row>({QStringLiteral("person"), tr("Person"), false, true, false, {}, 11}, [](const Row &row) { return text(row.user); },
                        [](const Row &row) {
                            const QString mail = row.email.empty() ? tr("no e-mail") : ltr(text(row.email));
                            return row.isNew ? tr("%1, new since the announcement").arg(mail) : mail;
                        },
                        [](const Row &row) { return row.isNew ? std::optional(api::Verdict::Warning) : std::nullopt; }),
            column<Row>({QStringLiteral("last"), tr("Last use"), false, false, false, QStringLiteral("last"), 10},
                        [this](const Row &row) { return formatAge(row.lastUse, m_context.clock.now()); }, [](const Row &row) { return timeTip(row.lastUse); }),
            column<Row>({QStringLiteral("uses30"), tr("30 d"), true, false, false, QStringLiteral("uses30"), 6}, [](const Row &row) { return formatCount(row.uses30); }),
            column<Row>({QStringLiteral("uses90"), tr("90 d"), true, false, false, QStringLiteral("uses90"), 6}, [](const Row &row) { return formatCount(row.uses90); }),
            column<Row>({QStringLiteral("refused"), tr("Refused"), true, false, false, {}, 8}, [](const Row &row) { return formatCount(row.refused); }),
            column<Row>({QStringLiteral("key"), tr("Key"), false, true, false, {}, 13}, [](const Row &row) { return row.credentials.empty() ? dash() : text(row.credentials.front()); },
                        [](const Row &row) { return joined(row.credentials) + QLatin1Char('\n') + joined(row.clients); }),
            column<Row>({QStringLiteral("projects"), tr("Projects"), false, true, false, {}, 13, true}, [](const Row &row) { return joined(row.projects); },
                        [](const Row &row) { return joined(row.projects); }),
            column<Row>({QStringLiteral("told"), tr("Told"), false, false, false, {}, 25},
                        [](const Row &row) {
                            QStringList words;
                            if (row.told)
                                words << (row.toldHow == "failed" ? tr("mail failed")
                                                                  : row.toldHow == "saved" ? tr("saved %1").arg(formatDate(*row.told)) : tr("mail %1").arg(formatDate(*row.told)));
                            if (row.notices > 0)
                                words << tr("notice %1 ×").arg(formatCount(row.notices));
                            return words.isEmpty() ? dash() : words.join(QStringLiteral(", "));
                        },
                        {}, [](const Row &row) { return row.told && row.toldHow == "failed" ? std::optional(api::Verdict::Warning) : std::nullopt; }),
            column<Row>({QStringLiteral("moved"), tr("Moved over"), false, false, false, {}, 19},
                        [](const Row &row) {
                            if (row.exemptUntil)
                                return tr("exempt until %1").arg(formatDate(*row.exemptUntil));
                            return row.movedOver ? tr("%1 by %2").arg(formatDate(*row.movedOver), text(row.movedTo)) : dash();
                        },
                        [](const Row &row) { return row.movedOver ? timeTip(*row.movedOver) : QString(); },
                        [](const Row &row) { return row.movedOver && !row.exemptUntil ? std::optional(api::Verdict::Ok) : std::nullopt; })};
}

void PeopleCard::show(const api::DeprecationEvidence &evidence, bool mayAct)
{
    m_evidence = evidence;
    m_mayAct = mayAct;
    m_table->setEmptyText(evidence.recordedSince ? tr("Nobody in 90 days") : tr("Nothing was recorded yet"));
    const auto exempt = std::count_if(evidence.people.begin(), evidence.people.end(), [](const auto &one) { return one.exemptUntil.has_value(); });
    m_note->setText(evidence.recordedSince ? tr("%1 people · reachable %2 · exempt %3 · new since the announcement %4")
                                                 .arg(formatCount(evidence.people90), formatCount(evidence.reachable), formatCount(exempt), formatCount(evidence.newSinceAnnouncement))
                                           : QString());
    filter();
}

void PeopleCard::clear(const QString &why)
{
    m_evidence = {};
    m_mayAct = false;
    m_note->clear();
    m_table->setEmptyText(why);
    filter();
}

bool PeopleCard::matches(const api::DeprecationPerson &person) const
{
    switch (m_which->currentData().toInt()) {
    case NotMoved:
        if (person.movedOver)
            return false;
        break;
    case NotTold:
        if (wasTold(person))
            return false;
        break;
    case Unreachable:
        if (person.reachable)
            return false;
        break;
    case New:
        if (!person.isNew)
            return false;
        break;
    case Exempt:
        if (!person.exemptUntil)
            return false;
        break;
    default:
        break;
    }
    const QString wanted = m_search->text().trimmed();
    return wanted.isEmpty() || text(person.user).contains(wanted, Qt::CaseInsensitive) || joined(person.projects).contains(wanted, Qt::CaseInsensitive) ||
           joined(person.credentials).contains(wanted, Qt::CaseInsensitive) || text(person.email).contains(wanted, Qt::CaseInsensitive);
}

void PeopleCard::filter()
{
    QList<api::DeprecationPerson> rows;
    for (const api::DeprecationPerson &person : m_evidence.people) {
        if (matches(person))
            rows.append(person);
    }
    if (rows.isEmpty() && !m_evidence.people.empty())
        m_table->setEmptyText(tr("Nobody matches"));
    m_model->setLess(QStringLiteral("last"), [](const auto &a, const auto &b) { return a.lastUse < b.lastUse; });
    m_model->setLess(QStringLiteral("uses30"), [](const auto &a, const auto &b) { return a.uses30 < b.uses30; });
    m_model->setLess(QStringLiteral("uses90"), [](const auto &a, const auto &b) { return a.uses90 < b.uses90; });
    m_model->setRows(std::move(rows));
    updateActions();
}

void PeopleCard::updateActions()
{
    m_write->setEnabled(m_mayAct && !m_evidence.people.empty());
    m_exempt->setEnabled(m_mayAct && m_model->rowAt(m_model->rowOf(m_table->currentKey())) != nullptr);
    m_export->setEnabled(!m_model->rows().isEmpty());
}

void PeopleCard::find()
{
    m_search->setFocus();
    m_search->selectAll();
}

void PeopleCard::exportCsv()
{
    auto *dialog = new QFileDialog(this, tr("Export as CSV"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QStringLiteral("people.csv"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        const auto &rows = m_model->rows();
        QSaveFile file(path);
        const QByteArray bytes = peopleAsCsv(std::vector<api::DeprecationPerson>(rows.begin(), rows.end()));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
            m_context.shell.notify(Mark::Warning, tr("The people were not exported"), file.errorString());
        else
            m_context.shell.notify(Mark::Ok, tr("%n line(s) exported", nullptr, static_cast<int>(rows.size())), path);
    });
    dialog->open();
}

}  // namespace cm::ui
