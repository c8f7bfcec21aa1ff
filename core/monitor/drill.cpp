// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/drill.h"

#include "core/base/hash.h"
#include "core/monitor/probes/simple_page.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr std::string_view pageType = "application/vnd.pypi.simple.v1+json";
constexpr auto longest = std::chrono::seconds(20);

class Drill {
public:
    Drill(const Surroundings &around, const config::TopologyCdn &cdn, const config::TopologyMirror &mirror, const ProbeTime &time)
        : m_around(around), m_mirror(mirror), m_time{std::min(time.deadline, std::chrono::steady_clock::now() + longest), time.stop}, m_client(optionsFor(cdn))
    {}

    Result<api::AgentDone> page()
    {
        CM_TRY_ASSIGN(const http::ClientAnswer answer, ask(pageTarget()));
        CM_TRY_ASSIGN(const SimplePage page, pageIn(answer));
        const std::optional<std::int64_t> serial = serialIn(answer);
        if (!serial)
            return failed("the page says no serial: nobody could tell how old it is");
        const auto origin = originSerial();
        if (origin && *serial > *origin)
            return failed(fmt::format("the page shows serial {}, and the registry has only reached {} for it", *serial, *origin));
        const std::string age = !origin                ? "; the registry does not answer, so nobody compared it"
                                : *serial == *origin ? ", as at the registry"
                                                     : fmt::format(", {} behind the registry", *origin - *serial);
        return api::AgentDone{fmt::format("{} served the page in {:.0f} ms: serial {}{}, {} files, {}", m_mirror.name, milliseconds(answer), *serial, age,
                                          page.files.size(), pageType),
                              {}};
    }

    Result<api::AgentDone> file()
    {
        CM_TRY_ASSIGN(const http::ClientAnswer listed, ask(pageTarget()));
        CM_TRY_ASSIGN(const SimplePage page, pageIn(listed));
        const std::string &target = m_around.topology.canaryFile;
        const std::string name = target.substr(target.rfind('/') + 1);
        const auto entry = std::find_if(page.files.begin(), page.files.end(), [&](const SimpleFile &one) { return one.name == name; });
        if (entry == page.files.end() || entry->sha256.empty())
            return failed(fmt::format("the page does not list {} with a digest", name));
        Hasher hasher(HashKind::Sha256);
        std::size_t size = 0;
        CM_TRY_ASSIGN(const http::ClientAnswer answer, m_client.send(request(target),
                                                                     [&](std::string_view piece) -> Result<void> {
                                                                         hasher.update(piece);
                                                                         size += piece.size();
                                                                         return {};
                                                                     },
                                                                     m_time.stop));
        CM_TRY(servedByMirror(answer, "file"));
        if (const std::string digest = hasher.finishHex(); digest != entry->sha256)
            return failed(fmt::format("{} came with other bytes than the page promises: sha256 {}…", name, digest.substr(0, 12)));
        if (answer.header("Content-Type").starts_with("text/html"))
            return failed(fmt::format("{} came as {}", name, answer.header("Content-Type")));
        return api::AgentDone{fmt::format("{} served {} in {:.0f} ms: {}, and the digest is right", m_mirror.name, name, milliseconds(answer),
                                          bytesText(static_cast<double>(size))),
                              {}};
    }

private:
    static Result<api::AgentDone> failed(std::string what) { return fail(ErrorCode::GuardFailed, std::move(what)); }

    http::ClientOptions optionsFor(const config::TopologyCdn &cdn) const
    {
        http::ClientOptions options = quickOptions(cdn.address, cdn.port, m_time);
        if (const auto url = http::parseHttpUrl(m_around.topology.registryUrl))
            options.serverName = url->host;
        return options;
    }

    static http::ClientRequest request(const std::string &target)
    {
        http::ClientRequest out = pageRequest(target);
        out.headers.push_back({"X-Cheesemonger-Backend", "mirror"});
        return out;
    }

    [[nodiscard]] std::string pageTarget() const { return "/simple/" + m_around.topology.canaryProject + "/"; }

    static double milliseconds(const http::ClientAnswer &answer) { return std::chrono::duration<double, std::milli>(answer.elapsed).count(); }

    Result<http::ClientAnswer> ask(const std::string &target)
    {
        CM_TRY_ASSIGN(http::ClientAnswer answer, m_client.send(request(target), m_time.stop));
        CM_TRY(servedByMirror(answer, "page"));
        return answer;
    }

    // What the cache itself says counts, and what it kept proves nothing.
    Result<void> servedByMirror(const http::ClientAnswer &answer, const char *what) const
    {
        if (answer.status != 200)
            return fail(ErrorCode::GuardFailed, fmt::format("the {} was answered with {}", what, answer.status));
        const std::string_view by = answer.header("X-Served-By");
        if (by != m_mirror.name)
            return fail(ErrorCode::GuardFailed, fmt::format("the {} was served by {} and not by {}: the cache did not follow the header of the drill, or does not know "
                                                            "the monitor's address",
                                                            what, by.empty() ? std::string_view("somebody who is not named") : by, m_mirror.name));
        if (answer.header("X-Cache") == "HIT")
            return fail(ErrorCode::GuardFailed, fmt::format("the {} came from the cache's own memory: that the mirror serves was not seen", what));
        return {};
    }

    Result<SimplePage> pageIn(const http::ClientAnswer &answer) const
    {
        if (answer.header("Content-Type") != pageType)
            return fail(ErrorCode::GuardFailed, fmt::format("the page came as '{}' and not as {}: clients could not read it", answer.header("Content-Type"), pageType));
        auto page = readSimplePage(answer.body);
        if (!page)
            return fail(ErrorCode::GuardFailed, "the page cannot be read: " + page.error().detail);
        if (page->files.empty())
            return fail(ErrorCode::GuardFailed, "the page has no file: clients would be told that there is nothing");
        return std::move(*page);
    }

    std::optional<std::int64_t> originSerial() const
    {
        const ProbeTime soon{std::chrono::steady_clock::now() + std::chrono::seconds(3), m_time.stop};
        const auto answer = askOrigin(originOf(m_around, m_mirror), pageRequest(pageTarget()), soon);
        return answer && answer->status == 200 ? serialIn(*answer) : std::nullopt;
    }

    const Surroundings &m_around;
    const config::TopologyMirror &m_mirror;
    const ProbeTime m_time;
    http::HttpClient m_client;
};

template <class Parts>
auto named(const Parts &parts, const std::string &name)
{
    return std::find_if(parts.begin(), parts.end(), [&](const auto &part) { return part.name == name; });
}

}  // namespace

Result<api::AgentDone> drill(const Surroundings &around, const Order &order, const ProbeTime &time)
{
    const auto cdn = named(around.topology.cdns, order.host);
    const auto mirror = named(around.topology.mirrors, order.node);
    if (cdn == around.topology.cdns.end() || mirror == around.topology.mirrors.end())
        return fail(ErrorCode::NotFound, fmt::format("the topology has no {} before {}", order.host, order.node));
    Drill rehearsal(around, *cdn, *mirror, time);
    return order.hand == Order::Hand::DrillPage ? rehearsal.page() : rehearsal.file();
}

}  // namespace cm::monitor
