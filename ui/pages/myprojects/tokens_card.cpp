// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/myprojects/tokens_card.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/shell/token_columns.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace cm::ui {

namespace ep = api::endpoints;

TokensCard::TokensCard(const PageContext &context, QWidget *parent)
    : Card(tr("API tokens"), parent), m_context(context), m_faces(new FacesStack), m_create(new QAction(tr("&New token…"), this)),
      m_revoke(new QAction(tr("Revo&ke token…"), this))
{
    m_model = new Model(tokenColumns(tr("all my projects")), [](const api::Token &row) { return QString::number(row.id.value); }, this);
    m_table = new DataTable(tr("API tokens"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("No token yet"));
    m_table->addActions(actions());
    m_faces->setContent(m_table);
    setContent(m_faces);
    m_secretRow = buildSecret();
    addRow(m_secretRow);
    auto *buttons = new QWidget;
    auto *row = new FlowLayout(buttons);
    row->addWidget(actionButton(m_create));
    row->addWidget(actionButton(m_revoke));
    addRow(buttons);
    connect(m_table, &DataTable::currentKeyChanged, this, [this](const QString &key) { m_revoke->setEnabled(!key.isEmpty()); });
    connect(m_create, &QAction::triggered, this, &TokensCard::askCreate);
    connect(m_revoke, &QAction::triggered, this, &TokensCard::askRevoke);
    m_revoke->setEnabled(false);
    m_secretRow->hide();
}

QWidget *TokensCard::buildSecret()
{
    auto *row = new QWidget;
    auto *layout = new QVBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_secret = new QLineEdit;
    m_secret->setReadOnly(true);
    m_secret->setFont(fixedFont(font()));
    m_secret->setLayoutDirection(Qt::LeftToRight);
    auto *label = new QLabel(tr("The new &token, shown this once:"));
    label->setBuddy(m_secret);
    label->setWordWrap(true);
    auto *copy = new QPushButton(tr("Cop&y"));
    copy->setAccessibleName(tr("Copy the new token"));
    auto *done = new QPushButton(tr("Hi&de"));
    done->setAccessibleName(tr("Hide the new token"));
    auto *line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_secret, 1);
    line->addWidget(copy);
    line->addWidget(done);
    layout->addWidget(label);
    layout->addLayout(line);
    connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_secret->text()); });
    connect(done, &QPushButton::clicked, this, [this] {
        m_secret->clear();
        m_secretRow->hide();
    });
    return row;
}

void TokensCard::read()
{
    m_create->setEnabled(m_context.connection.allows(ep::createToken));
    if (m_faces->face() == Face::Loading)
        m_faces->showLoading();
    m_call.start(this, m_context.client.call(ep::listTokens, {}), [this](const Result<api::Page<api::Token>> &answer) {
        if (!answer) {
            m_faces->showError(answer.error(), [this] { read(); });
            return;
        }
        m_model->setRows(QList<api::Token>(answer->items.begin(), answer->items.end()));
        setNote(tr("%n token(s)", nullptr, static_cast<int>(answer->items.size())));
        m_faces->showContent();
    });
}

void TokensCard::askCreate()
{
    auto *sheet = new ActionSheet(tr("New API token"), tr("&Make token"));
    auto *name = new QLineEdit;
    auto *scope = new QLineEdit;
    scope->setPlaceholderText(tr("all my projects"));
    auto *expiry = new QComboBox;
    for (const int days : {30, 90, 365})
        expiry->addItem(tr("after %n day(s)", nullptr, days), days);
    expiry->addItem(tr("does not expire"), 0);
    expiry->setCurrentIndex(1);
    sheet->setPlan({tr("The token stands for you when files are uploaded."), tr("It is shown once; the registry keeps only what verifies it.")});
    sheet->addField(tr("&Name"), name);
    sheet->addField(tr("&Projects, with commas between"), scope);
    sheet->addField(tr("E&xpires"), expiry);
    sheet->setUndoText(tr("A token can be revoked at any time."));
    sheet->setReady(false);
    connect(name, &QLineEdit::textChanged, sheet, [sheet](const QString &typed) { sheet->setReady(!typed.trimmed().isEmpty()); });
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, name, scope, expiry] {
        api::CreateToken request;
        request.description = name->text().trimmed().toStdString();
        const QStringList projects = scope->text().split(QLatin1Char(','), Qt::SkipEmptyParts);
        for (const QString &project : projects) {
            if (const QString trimmed = project.trimmed(); !trimmed.isEmpty())
                request.projects.push_back(trimmed.toStdString());
        }
        request.expiresDays = expiry->currentData().toInt();
        sheet->setBusy(true);
        QPointer<ActionSheet> open(sheet);
        whenDone(this, m_context.client.call(ep::createToken, request), [this, open](const Result<api::NewToken> &answer) {
            if (answer) {
                if (open)
                    open->close();
                showSecret(*answer);
            } else if (open) {
                open->setBusy(false);
                open->showError(answer.error());
            }
        });
    });
    m_context.shell.showSheet(sheet);
}

void TokensCard::showSecret(const api::NewToken &made)
{
    m_secret->setText(text(made.secret));
    m_secretRow->show();
    m_secret->setFocus();
    // All of it, with the beginning in sight.
    const int length = static_cast<int>(m_secret->text().size());
    m_secret->setSelection(length, -length);
    read();
}

void TokensCard::askRevoke()
{
    const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    if (!row)
        return;
    const api::Token token = *row;
    const QString name = token.description.empty() ? tr("the token") : text(token.description);
    // There is no way back, so it is asked before.
    auto *sheet = new ActionSheet(tr("Revoke token"), tr("&Revoke %1").arg(name));
    sheet->setDangerous(true);
    sheet->setPlan({tr("Whatever still uses it is refused at once."),
                    token.lastUsed ? tr("It was last used %1.").arg(formatTime(*token.lastUsed)) : tr("It was never used.")});
    sheet->setUndoText(tr("This cannot be undone; a new token can be made."));
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, id = token.id, name] {
        runChange(this, m_context, ep::revokeToken, {id}, {tr("%1 is revoked").arg(name), {}}, {sheet, {}, [this] { read(); }});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
