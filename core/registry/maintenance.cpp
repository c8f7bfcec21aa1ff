// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/maintenance.h"

#include "core/registry/moderation.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::chrono::hours longest{24};
// Of a clock that runs ahead of ours.
constexpr std::chrono::minutes tolerance{1};
constexpr std::string_view subject = "read-only";
constexpr std::size_t mostKeys = 1'000;

json::value described(const std::optional<catalog::ReadOnlyRow> &mode)
{
    if (!mode)
        return nullptr;
    return json::object{{"until", formatRfc3339(mode->until)}, {"by", mode->by}, {"message", mode->message}};
}

tl::unexpected<Error> invalid(std::string field, std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, field + ": " + problem, {{field, problem}}, {}});
}

// It goes into the line that an uploader's terminal shows.
Result<std::string> checkedMessage(std::string_view message)
{
    auto text = checkedReason(message, false);
    if (!text)
        return invalid("message", text.error().fields.front().problem);
    return text;
}

// A key goes into a header with others.
bool isKey(std::string_view key)
{
    return !key.empty() && key.size() <= 255 && std::ranges::all_of(key, [](unsigned char c) { return c > ' ' && c < 127 && c != ','; });
}

}  // namespace

Result<Change> Maintenance::notePurge(const Principal &by, const PurgeOrder &order, std::string_view registryName)
{
    CM_TRY(require(by, Action::OperateRegistry));
    CM_TRY_ASSIGN(const std::string reason, checkedReason(order.reason, true));
    if (order.everything != order.keys.empty())
        return invalid("keys", "either keys or everything");
    if (order.keys.size() > mostKeys || !std::ranges::all_of(order.keys, isKey))
        return invalid("keys", "at most 1,000 keys such as \"project/NAME\", without blanks");
    if (order.everything)
        CM_TRY(checkConfirmed(order.confirm, registryName));
    auto change = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<Change> {
        Recorder recorder(writer, by, m_clock.now());
        json::object what{{"soft", order.soft}};
        if (order.everything)
            what["everything"] = true;
        else
            what["keys"] = json::array(order.keys.begin(), order.keys.end());
        CM_TRY(recorder.audit({"cdn.purge", "registry", "cdn", reason, nullptr, std::move(what)}));
        CM_TRY(recorder.event("cdn.purge_ordered", "cdn"));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<Change> Maintenance::setReadOnly(const Principal &by, const ReadOnlyOrder &order)
{
    CM_TRY(require(by, Action::OperateRegistry));
    const Time now = m_clock.now();
    if (order.until <= now)
        return invalid("until", "has to be in the future");
    if (order.until > now + longest + tolerance)
        return invalid("until", "is at most a day ahead");
    catalog::ReadOnlyRow mode{now, order.until, by.name, {}, {}};
    CM_TRY_ASSIGN(mode.reason, checkedReason(order.reason, true));
    CM_TRY_ASSIGN(mode.message, checkedMessage(order.message));
    auto change = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const auto before, writer.readOnly(now));
        if (before)
            mode.since = before->since;
        CM_TRY(writer.setReadOnly(mode));
        Recorder recorder(writer, by, now);
        CM_TRY(recorder.audit({"registry.set-read-only", "registry", std::string(subject), mode.reason,
                               described(before), described(mode)}));
        CM_TRY(recorder.event("registry.read_only", subject));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<Change> Maintenance::endReadOnly(const Principal &by, std::string_view reason)
{
    CM_TRY(require(by, Action::OperateRegistry));
    CM_TRY_ASSIGN(const std::string checked, checkedReason(reason, false));
    auto change = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<Change> {
        const Time now = m_clock.now();
        CM_TRY_ASSIGN(const auto before, writer.readOnly(now));
        if (!before)
            return fail(ErrorCode::Conflict, "the registry is not read-only");
        CM_TRY(writer.clearReadOnly());
        Recorder recorder(writer, by, now);
        CM_TRY(recorder.audit({"registry.end-read-only", "registry", std::string(subject), checked, described(before),
                               nullptr}));
        CM_TRY(recorder.event("registry.writable", subject));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<std::optional<catalog::ReadOnlyRow>> Maintenance::readOnly()
{
    return m_catalog.read([now = m_clock.now()](catalog::Reader &reader) { return reader.readOnly(now); });
}

}  // namespace cm::registry
