// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/ssh_key_sheets.h"

#include "ui/format/format.h"
#include "ui/format/public_key.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QUrl>

namespace cm::ui {

namespace {

constexpr qint64 longestFile = 64 * 1024;
constexpr int asItIs = -1;

std::vector<std::string> namesIn(const QString &typed)
{
    std::vector<std::string> names;
    const QStringList parts = typed.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        if (const QString name = part.trimmed(); !name.isEmpty())
            names.push_back(name.toStdString());
    }
    return names;
}

// One file with a name like a public key's; empty: something else.
QString droppedKey(const QMimeData *data)
{
    const QList<QUrl> urls = data ? data->urls() : QList<QUrl>();
    const QString path = urls.size() == 1 ? urls.first().toLocalFile() : QString();
    return path.endsWith(QLatin1String(".pub")) ? path : QString();
}

}  // namespace

AddKeySheet::AddKeySheet(const QString &person, const QString &line, QWidget *parent)
    : ActionSheet(person.isEmpty() ? tr("Add a key for ssh") : tr("Add a key of %1 for ssh").arg(person), tr("A&dd key"), parent), m_person(person),
      m_key(new QPlainTextEdit), m_about(wrappedLabel()), m_title(new QLineEdit), m_projects(new QLineEdit), m_expiry(new QComboBox)
{
    setAcceptDrops(true);
    m_key->setAcceptDrops(false);
    m_key->setFont(fixedFont(font()));
    m_key->setLayoutDirection(Qt::LeftToRight);
    m_key->setTabChangesFocus(true);
    m_key->setFixedHeight(m_key->fontMetrics().lineSpacing() * 4 + 12);
    m_key->setPlaceholderText(tr("ssh-ed25519 AAAA…"));
    m_title->setPlaceholderText(tr("the key's comment"));
    m_projects->setPlaceholderText(tr("all projects"));
    for (const int days : {30, 90, 365})
        m_expiry->addItem(tr("after %n day(s)", nullptr, days), days);
    m_expiry->addItem(tr("does not expire"), 0);
    m_expiry->setCurrentIndex(2);
    setPlan({tr("Whoever holds the private key uploads as %1 over ssh.").arg(person.isEmpty() ? tr("you") : person),
             tr("Only the public key is sent; the private one stays where it is.")});
    addField(tr("Public &key: paste it, or drop a .pub file here"), m_key);
    addField({}, m_about);
    addField(tr("&Name"), m_title);
    addField(tr("&Projects, with commas between"), m_projects);
    addField(tr("E&xpires"), m_expiry);
    setUndoText(tr("A key can be revoked at any time."));
    connect(m_key, &QPlainTextEdit::textChanged, this, &AddKeySheet::look);
    m_key->setPlainText(line.trimmed());
    look();
}

void AddKeySheet::look()
{
    const PublicKey key = PublicKey::of(m_key->toPlainText());
    setReady(key.state == PublicKey::State::Ready);
    QString words = key.problem();
    if (key.state == PublicKey::State::Ready) {
        words = tr("%1, %2").arg(keyKindWords(key.type, key.bits), ltr(elideMiddle(key.fingerprint, 36)));
        if (key.isRsa())
            words += QLatin1Char('\n') + rsaWords();
        m_title->setPlaceholderText(key.comment.isEmpty() ? tr("the key's comment") : key.comment);
    }
    m_about->setText(words);
    m_about->setVisible(!words.isEmpty());
}

api::AddSshKey AddKeySheet::request() const
{
    const PublicKey key = PublicKey::of(m_key->toPlainText());
    const QString title = m_title->text().trimmed().isEmpty() ? key.comment : m_title->text().trimmed();
    return {m_person.toStdString(), key.line.toStdString(), title.toStdString(), namesIn(m_projects->text()), m_expiry->currentData().toInt()};
}

void AddKeySheet::dragEnterEvent(QDragEnterEvent *event)
{
    if (!droppedKey(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void AddKeySheet::dropEvent(QDropEvent *event)
{
    QFile file(droppedKey(event->mimeData()));
    if (file.open(QIODevice::ReadOnly)) {
        m_key->setPlainText(QString::fromUtf8(file.read(longestFile)).trimmed());
    } else {
        m_about->setText(file.errorString());
        m_about->show();
    }
    event->acceptProposedAction();
}

ChangeKeySheet::ChangeKeySheet(const api::SshKey &key, const QString &name, Time now, QWidget *parent)
    : ActionSheet(tr("Change ssh key"), tr("Cha&nge %1").arg(name), parent), m_key(key), m_now(now), m_projects(new QLineEdit), m_expiry(new QComboBox)
{
    QStringList names;
    for (const auto &project : key.projects)
        names << text(project);
    m_projects->setText(names.join(QStringLiteral(", ")));
    m_projects->setPlaceholderText(tr("all projects"));
    m_expiry->addItem(key.expires ? tr("as now, %1").arg(formatDate(*key.expires)) : tr("as now, does not expire"), asItIs);
    for (const int days : {30, 90, 365})
        m_expiry->addItem(tr("after %n day(s)", nullptr, days), days);
    if (key.expires)
        m_expiry->addItem(tr("does not expire"), 0);
    setPlan({tr("The key itself stays; what it covers and when it ends is changed on every node.")});
    addField(tr("&Projects, with commas between"), m_projects);
    addField(tr("E&xpires"), m_expiry);
    setUndoText(tr("Undo sets back what it covers and when it ends now."));
    askReason(false);
}

api::ChangeSshKey ChangeKeySheet::request() const
{
    api::ChangeSshKey request{m_key.id, namesIn(m_projects->text()), m_key.expires, reason().toStdString()};
    const int days = m_expiry->currentData().toInt();
    if (days == 0)
        request.expires.reset();
    else if (days > 0)
        request.expires = m_now + std::chrono::days(days);
    return request;
}

}  // namespace cm::ui
