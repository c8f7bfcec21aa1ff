// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/direct_probe.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/client/wire.h"

#include <QHostAddress>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QSslError>
#include <QTcpSocket>

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

constexpr qint64 longestHealth = 64 * 1024;
// So much earlier is a web node's turn: it says most of what there is to say.
constexpr qint64 headStartMilliseconds = 10'000;
constexpr std::uint16_t tlsPort = 443;

QString qtext(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

// They are files, or tell what they know to a monitor alone.
bool hasNothingToAsk(const api::TopologyNode &node)
{
    static constexpr std::array<std::string_view, 3> roles{"certificate", "disk", "agent"};
    return node.address.empty() || std::find(roles.begin(), roles.end(), node.role) != roles.end();
}

DirectOutcome outcomeOf(QNetworkReply::NetworkError error)
{
    switch (error) {
    case QNetworkReply::ConnectionRefusedError:
        return DirectOutcome::Refuses;
    case QNetworkReply::HostNotFoundError:
    case QNetworkReply::UnknownNetworkError:
    case QNetworkReply::NetworkSessionFailedError:
    case QNetworkReply::TemporaryNetworkFailureError:
        return DirectOutcome::NoWay;
    default:
        // Somebody is there, who speaks something else.
        return DirectOutcome::AnswersWrong;
    }
}

DirectOutcome outcomeOf(QAbstractSocket::SocketError error)
{
    switch (error) {
    case QAbstractSocket::ConnectionRefusedError:
        return DirectOutcome::Refuses;
    case QAbstractSocket::SocketTimeoutError:
        return DirectOutcome::NoAnswer;
    default:
        return DirectOutcome::NoWay;
    }
}

}  // namespace

DirectProbe::DirectProbe(const Connection &registry, const Connection &monitor, AdminClient &monitorClient, const Clock &clock)
    : DirectProbe(registry, monitor, monitorClient, clock, Pace{})
{
}

DirectProbe::DirectProbe(const Connection &registry, const Connection &monitor, AdminClient &monitorClient, const Clock &clock, Pace pace)
    : m_registry(registry), m_monitor(monitor), m_client(monitorClient), m_clock(clock), m_pace(pace)
{
    m_step.setSingleShot(true);
    m_tell.setSingleShot(true);
    m_tell.setInterval(0);
    connect(&m_tell, &QTimer::timeout, this, &DirectProbe::changed);
    connect(&m_step, &QTimer::timeout, this, &DirectProbe::step);
    connect(&m_monitor, &Connection::stateChanged, this, &DirectProbe::follow);
    connect(&m_monitor, &Connection::chosenChanged, this, [this] {
        m_topologyCall.drop();
        m_topology.reset();
        m_old = false;
        end();
        follow();
    });
    connect(&m_registry, &Connection::stateChanged, this, [this] {
        if (m_looking)
            Q_EMIT changed();
    });
    follow();
}

DirectProbe::~DirectProbe() = default;

bool DirectProbe::isFailure(DirectOutcome outcome)
{
    return outcome == DirectOutcome::AnswersWrong || outcome == DirectOutcome::Refuses || outcome == DirectOutcome::NoAnswer ||
        outcome == DirectOutcome::NoWay;
}

const DirectLook *DirectProbe::lookAt(const std::string &node) const
{
    const auto found = std::find_if(m_report.nodes.begin(), m_report.nodes.end(), [&node](const DirectLook &look) { return look.name == node; });
    return found == m_report.nodes.end() ? nullptr : &*found;
}

bool DirectProbe::isRegistryAway() const
{
    // One that refuses us answers.
    if (m_registry.isLive() || m_registry.state() == Connection::State::Refused || !m_looking)
        return false;
    const auto failed = [](const DirectLook &look) { return look.failures >= enough; };
    if (m_report.registry && m_report.registry->outcome != DirectOutcome::NotYet && !isFailure(m_report.registry->outcome))
        return false;
    if (m_report.registry && failed(*m_report.registry))
        return true;
    const auto isWeb = [](const DirectLook &look) { return look.role == "web"; };
    return std::any_of(m_report.nodes.begin(), m_report.nodes.end(), isWeb) &&
        std::all_of(m_report.nodes.begin(), m_report.nodes.end(), [&](const DirectLook &look) { return !isWeb(look) || failed(look); });
}

bool DirectProbe::hasReachedAnybody() const
{
    const auto reached = [](const DirectLook &look) {
        return look.outcome == DirectOutcome::Answers || look.outcome == DirectOutcome::Untrusted || look.outcome == DirectOutcome::AnswersWrong ||
            look.outcome == DirectOutcome::TakesConnections || look.outcome == DirectOutcome::Refuses;
    };
    return (m_report.registry && reached(*m_report.registry)) || std::any_of(m_report.nodes.begin(), m_report.nodes.end(), reached);
}

void DirectProbe::setMonitorOld(bool old)
{
    if (std::exchange(m_old, old) != old)
        follow();
}

void DirectProbe::follow()
{
    using State = Connection::State;
    const State state = m_monitor.state();
    const bool gone = state == State::Stale || (state == State::Connecting && m_monitor.problem().has_value());
    const bool silent = m_monitor.isChosen() && (gone || (state == State::Live && m_old));
    // A silent one answers from what was kept, or not at all.
    if (m_monitor.isChosen() && (state == State::Live || (silent && !m_topology)))
        readTopology();
    if (silent)
        begin();
    else
        end();
}

void DirectProbe::readTopology()
{
    m_topologyCall.start(this, m_client.call(api::endpoints::monitorTopology, {}), [this](const Result<api::Topology> &answer) {
        if (answer)
            setTopology(*answer);
    });
}

void DirectProbe::setTopology(const api::Topology &topology)
{
    const bool same = m_topology && m_topology->nodes == topology.nodes && m_topology->registryUrl == topology.registryUrl;
    m_topology = topology;
    if (!m_looking || same)
        return;
    end();
    begin();
}

void DirectProbe::begin()
{
    if (std::exchange(m_looking, true))
        return;
    m_round = std::make_unique<QObject>();
    m_clockwork.start();
    m_report = {};
    if (const Authorities authorities = m_registry.authorities() + m_monitor.authorities(); authorities != m_authorities) {
        m_authorities = authorities;
        // It keeps what its connections trusted.
        if (m_manager)
            std::exchange(m_manager, nullptr)->deleteLater();
    }
    QUrl own = m_registry.profile().url;
    if (own.isEmpty() && m_topology)
        own = QUrl(qtext(m_topology->registryUrl));
    if (!own.host().isEmpty()) {
        m_report.registry.emplace();
        addTarget(-1, own);
    }
    if (m_topology) {
        const QUrl shown(qtext(m_topology->registryUrl));
        for (const api::TopologyNode &node : m_topology->nodes) {
            const int place = static_cast<int>(m_report.nodes.size());
            DirectLook look;
            look.name = node.name;
            look.role = node.role;
            QUrl url(QStringLiteral("//") + qtext(node.address), QUrl::StrictMode);
            if (hasNothingToAsk(node) || url.host().isEmpty() || url.port() < 1)
                look.outcome = DirectOutcome::CannotLook;
            m_report.nodes.push_back(look);
            if (look.outcome == DirectOutcome::CannotLook)
                continue;
            const bool tls = node.tls.value_or(url.port() == tlsPort);
            if (node.role == "web")
                url.setScheme(tls ? QStringLiteral("https") : QStringLiteral("http"));
            // By a bare address a web node shows the certificate of the registry.
            addTarget(place, url, tls && !QHostAddress(url.host()).isNull() ? shown.host() : QString());
        }
    }
    Q_EMIT changed();
    step();
}

void DirectProbe::end()
{
    if (!std::exchange(m_looking, false))
        return;
    abandon();
    m_report = {};
    Q_EMIT changed();
}

void DirectProbe::abandon()
{
    m_step.stop();
    m_tell.stop();
    m_round.reset();
    m_targets.clear();
    m_underWay = 0;
}

void DirectProbe::force(DirectReport report)
{
    abandon();
    m_topologyCall.drop();
    m_looking = true;
    m_report = std::move(report);
    Q_EMIT changed();
}

void DirectProbe::addTarget(int look, const QUrl &url, const QString &verifyAs)
{
    m_targets.push_back({look, url, verifyAs, 0, false});
}

DirectLook &DirectProbe::lookOf(const Target &target)
{
    return target.look < 0 ? *m_report.registry : m_report.nodes[static_cast<std::size_t>(target.look)];
}

// Whoever has waited longest is next, web nodes and the registry before the others.
void DirectProbe::step()
{
    while (m_looking && m_underWay < m_pace.atOnce) {
        const qint64 now = m_clockwork.elapsed();
        std::optional<std::size_t> next;
        qint64 rank = 0;
        qint64 soonest = -1;
        for (std::size_t i = 0; i < m_targets.size(); ++i) {
            const Target &target = m_targets[i];
            if (target.busy)
                continue;
            if (target.due > now) {
                soonest = soonest < 0 ? target.due : std::min(soonest, target.due);
                continue;
            }
            const qint64 mine = target.due - (target.url.scheme().isEmpty() ? 0 : headStartMilliseconds);
            if (!next || mine < rank) {
                next = i;
                rank = mine;
            }
        }
        if (!next) {
            if (soonest >= 0)
                m_step.start(std::chrono::milliseconds(soonest - now));
            return;
        }
        Target &target = m_targets[*next];
        target.busy = true;
        target.due = now + m_pace.between.count();
        ++m_underWay;
        if (target.url.scheme().isEmpty())
            lookForConnection(*next);
        else
            lookAtHealth(*next);
    }
}

QNetworkAccessManager &DirectProbe::manager()
{
    if (!m_manager) {
        m_manager = new QNetworkAccessManager(this);
        m_manager->setAutoDeleteReplies(false);
        // Directly is what is asked.
        m_manager->setProxy(QNetworkProxy::NoProxy);
    }
    return *m_manager;
}

void DirectProbe::lookAtHealth(std::size_t index)
{
    QUrl url = m_targets[index].url;
    QString path = url.path();
    while (path.endsWith(QLatin1Char('/')))
        path.chop(1);
    url.setPath(path + QStringLiteral("/_health/"));
    url.setQuery(QString());
    url.setUserInfo({});
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("cheesemonger-desktop"));
    // Each look makes a connection of its own: one that was open before says little.
    request.setRawHeader("Connection", "close");
    if (!m_targets[index].verifyAs.isEmpty())
        request.setPeerVerifyName(m_targets[index].verifyAs);
    if (!m_authorities.isEmpty())
        request.setSslConfiguration(trusting(m_authorities));
    QNetworkReply *reply = manager().get(request);
    reply->setParent(m_round.get());
    auto *deadline = new QTimer(reply);
    deadline->setSingleShot(true);
    connect(deadline, &QTimer::timeout, reply, [reply] {
        reply->setProperty("timedOut", true);
        reply->abort();
    });
    deadline->start(m_pace.deadline);
    // Nothing secret is sent: what shows a certificate that is not trusted here answers all the same, and that is said.
    connect(reply, &QNetworkReply::sslErrors, reply, [reply](const QList<QSslError> &errors) {
        reply->setProperty("untrusted", QString::fromStdString(whyUntrusted(reply->url(), errors).detail));
        reply->ignoreSslErrors();
    });
    connect(reply, &QNetworkReply::finished, m_round.get(), [this, reply, index] {
        reply->deleteLater();
        const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const QString untrusted = reply->property("untrusted").toString();
        if (reply->property("timedOut").toBool())
            ended(index, DirectOutcome::NoAnswer);
        else if (status >= 200 && status < 300)
            ended(index, untrusted.isEmpty() ? DirectOutcome::Answers : DirectOutcome::Untrusted, untrusted);
        else if (status != 0)
            ended(index, DirectOutcome::AnswersWrong,
                  QStringLiteral("%1 %2").arg(status).arg(QString::fromLatin1(reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toByteArray().left(80))).trimmed());
        else
            ended(index, outcomeOf(reply->error()), reply->errorString());
    });
    Wire::bound(*reply, longestHealth);
}

void DirectProbe::lookForConnection(std::size_t index)
{
    const QUrl url = m_targets[index].url;
    auto *socket = new QTcpSocket(m_round.get());
    socket->setProxy(QNetworkProxy::NoProxy);
    auto *deadline = new QTimer(socket);
    deadline->setSingleShot(true);
    const auto done = [this, socket, deadline, index](DirectOutcome outcome, const QString &detail) {
        deadline->stop();
        socket->disconnect();
        socket->abort();
        socket->deleteLater();
        ended(index, outcome, detail);
    };
    connect(socket, &QTcpSocket::connected, m_round.get(), [done] { done(DirectOutcome::TakesConnections, {}); });
    connect(socket, &QTcpSocket::errorOccurred, m_round.get(),
            [socket, done](QAbstractSocket::SocketError error) { done(outcomeOf(error), socket->errorString()); });
    connect(deadline, &QTimer::timeout, m_round.get(), [done] { done(DirectOutcome::NoAnswer, {}); });
    deadline->start(m_pace.deadline);
    socket->connectToHost(url.host(), static_cast<quint16>(url.port()));
}

void DirectProbe::ended(std::size_t index, DirectOutcome outcome, const QString &detail)
{
    Target &target = m_targets[index];
    target.busy = false;
    --m_underWay;
    DirectLook &look = lookOf(target);
    look.outcome = outcome;
    look.detail = detail.toStdString();
    look.failures = isFailure(outcome) ? look.failures + 1 : 0;
    look.looked = m_clock.now();
    // Not from within: whoever is told may end the round, and with it what just called.
    m_tell.start();
    m_step.start(0);
}

}  // namespace cm::ui
