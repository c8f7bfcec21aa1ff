// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/terms_sheet.h"

#include "ui/format/deprecation_words.h"
#include "ui/format/format.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateEdit>
#include <QLineEdit>
#include <QSpinBox>

namespace cm::ui {

namespace {

const QDate noDate(2000, 1, 1);
constexpr int mostUses = 1'000'000;
constexpr int mostDays = 365;

std::optional<Time> timeIn(const QDateEdit *field)
{
    if (field->date() == noDate)
        return std::nullopt;
    return Time(std::chrono::seconds(QDateTime(field->date(), QTime(0, 0), Qt::UTC).toSecsSinceEpoch()));
}

QLineEdit *lineOf(const std::string &value)
{
    auto *line = new QLineEdit(text(value));
    line->setCursorPosition(0);
    return line;
}

std::string typedIn(const QLineEdit *line)
{
    return line->text().trimmed().toStdString();
}

}  // namespace

TermsSheet::TermsSheet(const QString &owner, std::vector<api::Retirable> retirable, QWidget *parent)
    : ActionSheet(tr("Propose a deprecation"), tr("Pr&opose it"), parent), m_retirable(std::move(retirable))
{
    setPlan({tr("A record is made, which staff can read and comment; nothing changes for anybody else."),
             tr("Each later stage is a press of its own, with guards.")});
    api::DeprecationTerms terms;
    terms.owner = owner.toStdString();
    build(terms, false);
    setUndoText(tr("A proposal can be cancelled; its record stays."));
}

TermsSheet::TermsSheet(const api::DeprecationRecord &record, std::vector<api::Retirable> retirable, QWidget *parent)
    : ActionSheet(tr("Change the terms"), tr("Change the &terms"), parent), m_retirable(std::move(retirable))
{
    setPlan({tr("Headers, notices and pages speak of the new terms at once, on every node."), tr("A confirmation of the next step is void.")});
    build(record.terms, record.state != api::DeprecationState::Proposed);
    setUndoText(tr("The terms can be changed back; both changes stay in the audit log."));
}

QDateEdit *TermsSheet::dateField(const std::optional<Time> &time)
{
    auto *field = new QDateEdit;
    field->setMinimumDate(noDate);
    field->setSpecialValueText(tr("not set"));
    field->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    field->setDate(noDate);
    if (time)
        field->setDate(QDateTime::fromSecsSinceEpoch(std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count(), Qt::UTC).date());
    return field;
}

void TermsSheet::build(const api::DeprecationTerms &terms, bool fixed)
{
    m_title = lineOf(terms.title);
    m_kind = new QComboBox;
    for (const auto &[value, name] : api::EnumNames<api::DeprecationKind>::values)
        m_kind->addItem(nameFor(value), static_cast<int>(value));
    m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(terms.kind)));
    m_subject = new QComboBox;
    m_subject->setInsertPolicy(QComboBox::NoInsert);
    m_subject->setPlaceholderText(tr("choose one"));
    offerSubjects(text(terms.subject));
    m_owner = lineOf(terms.owner);
    m_replacement = lineOf(terms.replacement);
    m_replacement->setPlaceholderText(tr("such as an API token"));
    m_link = lineOf(terms.link);
    m_command = lineOf(terms.command);
    m_client = lineOf(terms.clientProject);
    m_mentions = lineOf(terms.mentions);
    m_deprecated = dateField(terms.deprecated);
    m_sunset = dateField(terms.sunset);
    m_removal = dateField(terms.removal);
    m_budget = new QSpinBox;
    m_budget->setRange(0, mostUses);
    m_budget->setValue(static_cast<int>(std::min<std::int64_t>(terms.budget, mostUses)));
    m_quiet = new QSpinBox;
    m_quiet->setRange(1, mostDays);
    m_quiet->setValue(static_cast<int>(std::clamp<std::int64_t>(terms.quietDays, 1, mostDays)));
    m_second = new QCheckBox(tr("Needs two admins"));
    m_second->setToolTip(tr("Each step from the announcement on needs the word of another admin"));
    m_second->setChecked(terms.secondPerson);
    m_kind->setEnabled(!fixed);
    m_subject->setEnabled(!fixed);
    for (QWidget *line : {static_cast<QWidget *>(m_link), static_cast<QWidget *>(m_command), static_cast<QWidget *>(m_subject)})
        line->setLayoutDirection(Qt::LeftToRight);
    addField(tr("&Name"), m_title);
    addField(tr("&Kind"), m_kind);
    addField(tr("&What retires"), m_subject);
    addField(tr("Who runs it"), m_owner);
    addField(tr("What replaces it"), m_replacement);
    addField(tr("&Page that explains it"), m_link);
    addField(tr("Command that does the same; {project} and {user} are filled in"), m_command);
    addField(tr("Project whose &downloads stand for indirect use"), m_client);
    addField(tr("Words that nothing may mention later, with commas between"), m_mentions);
    addField(tr("Deprecated from"), m_deprecated);
    addField(tr("&Sunset"), m_sunset);
    addField(tr("Re&moval"), m_removal);
    addField(tr("Uses by people that a sunset may still meet"), m_budget);
    addField(tr("in so many days before"), m_quiet);
    addField({}, m_second);
    askReason(true);
    connect(m_title, &QLineEdit::textChanged, this, &TermsSheet::check);
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        offerSubjects({});
        check();
    });
    connect(m_subject, &QComboBox::currentIndexChanged, this, &TermsSheet::check);
    connect(m_subject, &QComboBox::editTextChanged, this, &TermsSheet::check);
    connect(m_deprecated, &QDateEdit::dateChanged, this, &TermsSheet::check);
    connect(m_sunset, &QDateEdit::dateChanged, this, &TermsSheet::check);
    check();
}

// Kinds of which there is no closed choice are typed: clients and metadata versions with a range.
void TermsSheet::offerSubjects(const QString &subject)
{
    const auto kind = static_cast<api::DeprecationKind>(m_kind->currentData().toInt());
    QStringList choices, read;
    for (const api::Retirable &one : m_retirable) {
        if (one.kind == kind) {
            choices << text(one.subject);
            if (one.isRead)
                read << choices.last();
        }
    }
    // What is there already stays.
    if (!choices.isEmpty() && !subject.isEmpty() && !choices.contains(subject))
        choices << subject;
    m_subject->clear();
    m_subject->setEditable(choices.isEmpty());
    if (QLineEdit *line = m_subject->lineEdit()) {
        m_subject->setCompleter(nullptr);
        line->setPlaceholderText(kind == api::DeprecationKind::ClientVersion     ? tr("such as twine <3.0")
                                 : kind == api::DeprecationKind::MetadataVersion ? tr("such as <1.2")
                                                                                 : tr("such as ssh upload"));
        m_subject->setEditText(subject);
        return;
    }
    for (const QString &one : std::as_const(choices))
        m_subject->addItem(read.contains(one) ? tr("%1 (read)").arg(one) : one, one);
    for (const QString &one : std::as_const(read))
        m_subject->setItemData(m_subject->findData(one), tr("Read mostly by nobody who is known, and caches may answer for it: direct use is the least there was"), Qt::ToolTipRole);
    m_subject->setCurrentIndex(m_subject->findData(subject));
}

QString TermsSheet::subject() const
{
    return (m_subject->isEditable() ? m_subject->currentText() : m_subject->currentData().toString()).trimmed();
}

void TermsSheet::check()
{
    const auto deprecated = timeIn(m_deprecated), sunset = timeIn(m_sunset);
    const bool ordered = !deprecated || !sunset || *deprecated <= *sunset;
    setGuards(ordered ? QList<Guard>{} : QList<Guard>{{Mark::Critical, tr("The sunset is not before the deprecation")}});
    setReady(!m_title->text().trimmed().isEmpty() && !subject().isEmpty());
}

api::DeprecationTerms TermsSheet::terms() const
{
    api::DeprecationTerms terms;
    terms.title = typedIn(m_title);
    terms.kind = static_cast<api::DeprecationKind>(m_kind->currentData().toInt());
    terms.subject = subject().toStdString();
    terms.owner = typedIn(m_owner);
    terms.replacement = typedIn(m_replacement);
    terms.link = typedIn(m_link);
    terms.command = typedIn(m_command);
    terms.clientProject = typedIn(m_client);
    terms.mentions = typedIn(m_mentions);
    terms.deprecated = timeIn(m_deprecated);
    terms.sunset = timeIn(m_sunset);
    terms.removal = timeIn(m_removal);
    terms.budget = m_budget->value();
    terms.quietDays = m_quiet->value();
    terms.secondPerson = m_second->isChecked();
    return terms;
}

}  // namespace cm::ui
