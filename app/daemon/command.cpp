// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

namespace cm::daemon {

int complain(const Error &error, int code)
{
    std::fprintf(stderr, "cheesemongerd: %s\n", error.detail.c_str());
    // A single problem may be all that the line says.
    if (error.fields.size() == 1 && error.detail == error.fields[0].field + ": " + error.fields[0].problem)
        return code;
    for (const FieldProblem &field : error.fields)
        std::fprintf(stderr, "  %s: %s\n", field.field.c_str(), field.problem.c_str());
    return code;
}

std::string defaultDataFolder()
{
    if (const char *data = std::getenv("XDG_DATA_HOME"); data && *data == '/')
        return std::string(data) + "/cheesemonger";
    if (const char *home = std::getenv("HOME"); home && *home == '/')
        return std::string(home) + "/.local/share/cheesemonger";
    return {};
}

void addAdmin(CLI::App &app, Command &chosen)
{
    CLI::App *admin = app.add_subcommand("admin", "Manage a registry's data folder, also while it serves");
    admin->require_subcommand(1);
    addAdminUser(*admin, chosen);
    addAdminReadOnly(*admin, chosen);
    addAdminToken(*admin, chosen);
    addAdminStore(*admin, chosen);
    addAdminMove(*admin, chosen);
    addAdminMonitor(*admin, chosen);
    addAdminAuthority(*admin, chosen);
    addAdminSshSecret(*admin, chosen);
}

}  // namespace cm::daemon
