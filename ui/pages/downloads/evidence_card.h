// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence for a decision: how often a kind of client downloaded in the window, with the interval that such a count
// leaves open, and who these were; beside it, where a channel is chosen, how often that was used. Downloads of a client are
// not uses of a channel, and the card says so. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/widgets/card.h"

class QComboBox;
class QLabel;
class QLineEdit;

namespace cm::ui {

class AdminClient;
class ChannelUses;
class ShareStrip;

class EvidenceCard : public Card {
    Q_OBJECT
public:
    explicit EvidenceCard(AdminClient &client, QWidget *parent = nullptr);

    // The subject and the window of the page; its own fields say of which clients. Of a channel that has a client: of that.
    void ask(const QString &project, const QString &version, std::optional<Time> from, std::optional<Time> to);

private:
    void read();
    void show(const api::DownloadEvidence &evidence, const QString &subject);

    AdminClient &m_client;
    api::EvidenceQuery m_query;  // of the page
    bool m_asked = false;
    QComboBox *m_classes;
    QLineEdit *m_installer;
    QLabel *m_count;
    QLabel *m_interval;
    QLabel *m_meaning;
    ShareStrip *m_strip;
    ChannelUses *m_uses;
    LatestCall m_call;
};

}  // namespace cm::ui
