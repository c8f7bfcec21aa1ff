// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/webhook.h"

#include "core/monitor/verdicts/finding.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t mostWaiting = 10'000;
constexpr auto longestPause = std::chrono::seconds(30);

}  // namespace

std::string webhookBody(const api::Alert &alert, const std::string &receiver, const std::string &registry,
                        const std::string &externalUrl, Time now)
{
    const bool over = alert.state == api::AlertState::Closed;
    const std::string_view status = over ? "resolved" : "firing";
    const double age = std::chrono::duration<double>((over && alert.closed ? *alert.closed : now) - alert.started).count();
    std::string also;
    for (const api::AlertConsequence &consequence : alert.consequences)
        also.append(also.empty() ? "" : "; ").append(consequence.statement);
    object labels{{"alertname", alert.finding}, {"severity", api::nameOf(alert.verdict)}, {"node", alert.node},
                  {"role", alert.role},         {"registry", registry}};
    object annotations{{"summary", alert.statement},
                       {"age", secondsText(std::max(age, 0.0))},
                       {"runbook", alert.runbook},
                       {"consequences", also},
                       {"consequence_count", std::to_string(alert.consequences.size())}};
    // Alertmanager's zero time stands for an end that has not come.
    object one{{"status", status},
               {"labels", labels},
               {"annotations", annotations},
               {"startsAt", formatRfc3339(alert.started)},
               {"endsAt", over && alert.closed ? formatRfc3339(*alert.closed) : "0001-01-01T00:00:00Z"},
               {"generatorURL", externalUrl},
               {"fingerprint", fmt::format("{:016x}", alert.id.value)}};
    return boost::json::serialize(object{{"version", "4"},
                                         {"groupKey", fmt::format("{{}}:{{node=\"{}\"}}", alert.node)},
                                         {"truncatedAlerts", 0},
                                         {"status", status},
                                         {"receiver", receiver},
                                         {"groupLabels", object{{"node", alert.node}}},
                                         {"commonLabels", labels},
                                         {"commonAnnotations", annotations},
                                         {"externalURL", externalUrl},
                                         {"alerts", array{one}}});
}

Courier::Courier(std::vector<WebhookReceiver> receivers, const Clock &clock, Log &log,
                 std::function<void(const std::vector<std::int64_t> &)> taken)
    : m_clock(clock), m_log(log), m_taken(std::move(taken))
{
    for (WebhookReceiver &receiver : receivers) {
        auto box = std::make_unique<Box>();
        box->state.name = receiver.name;
        box->state.kind = "webhook";
        box->receiver = std::move(receiver);
        m_boxes.push_back(std::move(box));
    }
}

void Courier::start()
{
    for (const auto &box : m_boxes)
        box->thread = std::jthread([this, &box = *box](const std::stop_token &stop) { run(box, stop); });
}

void Courier::stop()
{
    for (const auto &box : m_boxes)
        box->thread.request_stop();
    for (const auto &box : m_boxes) {
        if (box->thread.joinable())
            box->thread.join();
    }
}

void Courier::send(const std::string &receiver, std::vector<Letter> letters)
{
    const std::lock_guard lock(m_mutex);
    for (const auto &box : m_boxes) {
        if (box->receiver.name != receiver)
            continue;
        for (Letter &letter : letters) {
            if (box->letters.size() < mostWaiting)
                box->letters.push_back(std::move(letter));
        }
        box->wake.notify_one();
    }
}

std::vector<std::string> Courier::names() const
{
    std::vector<std::string> out;
    for (const auto &box : m_boxes)
        out.push_back(box->receiver.name);
    return out;
}

std::vector<api::Receiver> Courier::state() const
{
    std::vector<api::Receiver> out;
    const std::lock_guard lock(m_mutex);
    for (const auto &box : m_boxes) {
        api::Receiver state = box->state;
        state.waiting = static_cast<std::int64_t>(box->letters.size());
        if (!box->letters.empty())
            state.oldestWaiting = box->letters.front().created;
        out.push_back(std::move(state));
    }
    return out;
}

void Courier::run(Box &box, const std::stop_token &stop)
{
    auto pause = std::chrono::seconds(1);
    std::unique_lock lock(m_mutex);
    while (box.wake.wait(lock, stop, [&] { return !box.letters.empty(); })) {
        const Letter letter = box.letters.front();
        lock.unlock();
        const auto sent = post(box, letter.body, stop);
        if (sent)
            m_taken({letter.id});
        lock.lock();
        if (stop.stop_requested())
            return;
        if (sent) {
            box.letters.pop_front();
            ++box.state.delivered;
            box.state.lastDelivered = m_clock.now();
            box.state.lastProblem.clear();
            pause = std::chrono::seconds(1);
            continue;
        }
        ++box.state.failed;
        box.state.lastProblem = sent.error().detail;
        m_log.warning("alert.undelivered", {{"receiver", std::string_view(box.receiver.name)},
                                            {"detail", std::string_view(sent.error().detail)}});
        box.wake.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(pause * 2, std::chrono::seconds(longestPause));
    }
}

Result<void> Courier::post(const Box &box, const std::string &body, const std::stop_token &stop) const
{
    CM_TRY_ASSIGN(const http::HttpUrl url, http::parseHttpUrl(box.receiver.url));
    http::ClientOptions options;
    options.host = url.host;
    options.port = url.port;
    options.tls = url.tls;
    options.verify = url.tls;
    options.caFile = box.receiver.caFile;
    options.connectTimeout = std::chrono::seconds(3);
    options.totalTimeout = std::chrono::seconds(10);
    http::HttpClient client(options);
    http::ClientRequest request{"POST", url.target, box.receiver.headers, body};
    request.headers.push_back({"Content-Type", "application/json"});
    CM_TRY_ASSIGN(const http::ClientAnswer answer, client.send(request, stop));
    if (answer.status < 200 || answer.status >= 300)
        return fail(ErrorCode::Unavailable, fmt::format("{} answers {}", url.host, answer.status));
    return {};
}

}  // namespace cm::monitor
