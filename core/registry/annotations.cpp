// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/annotations.h"

#include "core/pypi/names.h"
#include "core/registry/moderation.h"

#include <boost/json/object.hpp>

namespace cm::registry {

namespace {

namespace json = boost::json;

tl::unexpected<Error> invalid(std::string field, std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, field + ": " + problem, {{field, problem}}, {}});
}

json::value described(const catalog::DownloadAnnotationRow &row)
{
    json::object out{{"kind", row.kind}, {"from", formatRfc3339(row.begins)}, {"text", row.text}};
    if (row.ends)
        out["to"] = formatRfc3339(*row.ends);
    if (!row.project.empty())
        out["project"] = row.project;
    return out;
}

Result<catalog::DownloadAnnotationRow> checked(catalog::DownloadAnnotationRow row)
{
    const auto text = checkedReason(row.text, true);
    if (!text)
        return invalid("text", text.error().fields.front().problem);
    row.text = *text;
    if (!row.project.empty() && !pypi::isValidName(row.project))
        return invalid("project", "is no name of a project");
    row.project = row.project.empty() ? std::string() : pypi::normalizeName(row.project);
    if (row.begins < Time{})
        return invalid("from", "is not a time that can be");
    if (row.ends && *row.ends <= row.begins)
        return invalid("to", "has to be later than from");
    return row;
}

}  // namespace

Result<Change> Annotations::add(const Principal &by, catalog::DownloadAnnotationRow row, std::string_view reason)
{
    CM_TRY(require(by, Action::OperateRegistry));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    CM_TRY_ASSIGN(row, checked(std::move(row)));
    row.author = by.name;
    row.created = m_clock.now();
    auto change = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<Change> {
        if (!row.project.empty()) {
            auto project = writer.findProject(row.project);
            // A deleted project keeps its counts.
            if (!project && project.error().code == ErrorCode::NotFound)
                project = writer.findDeletedProject(row.project);
            if (!project && project.error().code == ErrorCode::NotFound)
                return invalid("project", "is none of this registry");
            CM_TRY(project);
        }
        CM_TRY_ASSIGN(const catalog::Id id, writer.addDownloadAnnotation(row));
        Recorder recorder(writer, by, row.created);
        CM_TRY(recorder.audit({"annotation.add", "annotation", std::to_string(id), why, nullptr, described(row)}));
        CM_TRY(recorder.event("annotation.added", std::to_string(id)));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<Change> Annotations::remove(const Principal &by, catalog::Id id, std::string_view reason)
{
    CM_TRY(require(by, Action::OperateRegistry));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    auto change = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const auto before, writer.downloadAnnotation(id));
        CM_TRY(writer.removeDownloadAnnotation(id));
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(recorder.audit({"annotation.remove", "annotation", std::to_string(id), why, described(before), nullptr}));
        CM_TRY(recorder.event("annotation.removed", std::to_string(id)));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

}  // namespace cm::registry
