// SPDX-License-Identifier: GPL-3.0-or-later
// How often a channel that retires is used, beside how often its client is downloaded: the one is no measure of the other.
// Which channels there are is asked of the registry. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "core/api/deprecation_evidence.h"
#include "ui/client/when_done.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace cm::ui {

class AdminClient;
class ShareStrip;

class ChannelUses : public QWidget {
    Q_OBJECT
public:
    // The figures; hidden while no channel is chosen.
    explicit ChannelUses(AdminClient &client, QWidget *parent = nullptr);

    // By which it is chosen; laid out, and so owned, by the caller.
    [[nodiscard]] QComboBox *choice() const { return m_channels; }
    // The project whose downloads stand for the channel; empty: none is chosen, or no project's do.
    [[nodiscard]] QString clientProject() const { return m_clientProject; }
    void refresh();

Q_SIGNALS:
    void clientProjectChanged();

private:
    void offer(const api::DeprecationList &list);
    void read();
    void show(const api::DeprecationEvidence &evidence);
    void showClasses(const api::DeprecationEvidence &evidence);
    void showNothing(const QString &why);
    void setClientProject(const QString &project);

    AdminClient &m_client;
    QComboBox *m_channels;
    QLabel *m_count;
    QLabel *m_words;
    ShareStrip *m_strip;
    api::DeprecationList m_list;
    QString m_clientProject;
    LatestCall m_listCall;
    LatestCall m_recordCall;
    LatestCall m_evidenceCall;
};

}  // namespace cm::ui
