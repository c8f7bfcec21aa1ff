// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/check_functions.h"
#include "core/pypi/names.h"

#include <fmt/format.h>

namespace cm::checks {
namespace {

bool isNewProject(const UploadFacts &facts)
{
    return facts.project && !facts.project->exists;
}

}  // namespace

Answer checkNewProjects(const UploadFacts &facts)
{
    if (!isNewProject(facts) || !facts.policies.newProjectsDisabled)
        return std::nullopt;
    return refuse(403, "New project registration temporarily disabled." + seeHelp(facts, "new-projects-disabled"));
}

Answer checkNewOverSsh(const UploadFacts &facts)
{
    if (!isNewProject(facts) || !facts.project->noneOverSsh)
        return std::nullopt;
    return refuse(403, fmt::format("The project {} does not exist, and uploads over ssh create none: send its first file over"
                                   " https.",
                                   quoteValue(projectName(facts))) +
                           seeHelp(facts, "new-projects-disabled"));
}

Answer checkProhibitedName(const UploadFacts &facts)
{
    if (!isNewProject(facts) || !facts.project->nameProhibited)
        return std::nullopt;
    return refuse(400, fmt::format("The name {} isn't allowed.", quoteValue(projectName(facts))) +
                           seeHelp(facts, "project-name"));
}

Answer checkSimilarName(const UploadFacts &facts)
{
    if (!isNewProject(facts) || facts.project->similarName.empty())
        return std::nullopt;
    return refuse(400,
                  fmt::format("The name {} is too similar to an existing project.", quoteValue(projectName(facts))) +
                      seeHelp(facts, "project-name"));
}

Answer checkStdlibName(const UploadFacts &facts)
{
    if (!isNewProject(facts) || !pypi::isStdlibModule(facts.form.metadata.name))
        return std::nullopt;
    return refuse(400, fmt::format("The name {} isn't allowed (conflict with Python Standard Library module name).",
                                   quoteValue(projectName(facts))) +
                           seeHelp(facts, "project-name"));
}

Answer checkTooManyNew(const UploadFacts &facts)
{
    if (!isNewProject(facts) || !facts.project->tooManyNew)
        return std::nullopt;
    return refuse(429, "Too many new projects created");
}

Answer checkTokenScope(const UploadFacts &facts)
{
    if (!facts.caller || facts.caller->tokenCovers)
        return std::nullopt;
    return refuse(
        403, fmt::format("The given token isn't allowed to upload to project {}.", quoteValue(projectName(facts))) +
                 seeHelp(facts, "project-name"));
}

Answer checkMayUpload(const UploadFacts &facts)
{
    // Who asks without a project yet (at the head of a request) is judged when the project is known.
    if (!facts.caller || !facts.project || facts.caller->mayUpload)
        return std::nullopt;
    return refuse(403, fmt::format("The user {} isn't allowed to upload to project {}.", quoteValue(facts.caller->user),
                                   quoteValue(projectName(facts))) +
                           seeHelp(facts, "project-name"));
}

Answer checkProjectStatus(const UploadFacts &facts)
{
    if (!facts.project || !facts.project->exists || pypi::acceptsUploads(facts.project->status))
        return std::nullopt;
    return refuse(403, fmt::format("The project {} is {} and takes no uploads.", quoteValue(projectName(facts)),
                                   pypi::projectStatusName(facts.project->status)) +
                           seeHelp(facts, "project-status"));
}

}  // namespace cm::checks
