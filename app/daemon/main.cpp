// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    CLI::App app("The core of Cheesemonger: a registry of Python packages", "cheesemongerd");
    app.set_version_flag("--version", "cheesemongerd " CHEESEMONGER_VERSION);
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 3 fsck, move or mirror --check found damage");
    // Whatever the commands make (database, keys, files, copies) is for nobody else.
    ::umask(077);
    cm::daemon::Command chosen;
    cm::daemon::addServe(app, chosen);
    cm::daemon::addMonitor(app, chosen);
    cm::daemon::addAgent(app, chosen);
    cm::daemon::addMirror(app, chosen);
    cm::daemon::addIngest(app, chosen);
    cm::daemon::addSshKeys(app, chosen);
    cm::daemon::addSshGateway(app, chosen);
    cm::daemon::addAdmin(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        // Help and version are "errors" too, with the exit code 0.
        return app.exit(error) == 0 ? cm::daemon::exitDone : cm::daemon::exitUsage;
    }
    try {
        return chosen();
    } catch (const std::exception &error) {
        // What a library throws where nobody can do anything: no descriptors, threads or memory to begin with.
        return cm::daemon::complain({cm::ErrorCode::Unavailable, error.what(), {}, {}});
    }
}
