// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: counts of downloads and what people say of them.
#include "core/pypi/names.h"
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"

namespace cm::server {
namespace {

// Counts are kept by normalised names; what is no name was never counted.
std::string counted(std::string_view name)
{
    return pypi::isValidName(name) ? pypi::normalizeName(name) : std::string(name);
}

std::string countedList(std::string_view names)
{
    std::string out;
    for (;;) {
        const std::string_view name = names.substr(0, names.find(','));
        out += counted(name);
        if (name.size() == names.size())
            return out;
        out += ',';
        names.remove_prefix(name.size() + 1);
    }
}

}  // namespace

CM_ANSWER(downloadSeries)
{
    api::DownloadSeriesQuery query = request;
    query.projects = countedList(query.projects);
    return call.services.counts.series(query);
}

CM_ANSWER(downloadTrends)
{
    api::DownloadTrendsQuery query = request;
    query.projects = countedList(query.projects);
    return call.services.counts.trends(query);
}

CM_ANSWER(projectDownloadSeries)
{
    // Names hold no commas: who may ask for one project asks for no other.
    if (!pypi::isValidName(request.project))
        return fail(ErrorCode::NotFound, "no such project");
    return call.services.counts.series({pypi::normalizeName(request.project), request.version, request.request, request.split,
                                        request.classes, request.step, request.from, request.to, request.most});
}

CM_ANSWER(downloadShares)
{
    api::DownloadShareQuery query = request;
    query.project = counted(query.project);
    return call.services.counts.shares(query);
}

CM_ANSWER(projectDownloadShares)
{
    if (!pypi::isValidName(request.project))
        return fail(ErrorCode::NotFound, "no such project");
    return call.services.counts.shares({pypi::normalizeName(request.project), request.version, request.request, request.split,
                                        request.classes, request.from, request.to, request.offset, request.limit});
}

CM_ANSWER(downloadCompleteness)
{
    return call.services.counts.completeness(request);
}

CM_ANSWER(downloadEvidence)
{
    api::EvidenceQuery query = request;
    query.project = counted(query.project);
    return call.services.counts.evidence(query);
}

CM_ANSWER(listAnnotations)
{
    return call.services.counts.annotations(request);
}

CM_ANSWER(addAnnotation)
{
    return toApi(call.services.annotations.add(
        call.by, {0, std::string(api::nameOf(request.kind)), request.project, request.from, request.to, request.text, {}, {}},
        request.reason));
}

CM_ANSWER(removeAnnotation)
{
    return toApi(call.services.annotations.remove(call.by, request.annotation.value, request.reason));
}

}  // namespace cm::server
