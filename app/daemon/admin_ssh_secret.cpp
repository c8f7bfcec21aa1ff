// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin ssh-secret
#include "app/daemon/command.h"
#include "core/host/whole_file.h"
#include "core/ssh/trust/secret.h"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace cm::daemon {
namespace {

// One that is there is in use: it is kept.
Result<void> make(const std::string &file)
{
    std::error_code error;
    if (std::filesystem::exists(file, error))
        return fail(ErrorCode::Conflict, file + " is there already; whoever shares it would no longer be understood");
    return host::writeWhole(file, ssh::Secret::generate() + "\n", 0640);
}

}  // namespace

void addAdminSshSecret(CLI::App &admin, Command &chosen)
{
    auto file = std::make_shared<std::string>();
    CLI::App *secret = admin.add_subcommand("ssh-secret", "Make the secret that web nodes and the hosts of sshd share");
    secret->add_option("--out", *file, "A new file, for its owner and group")->required()->type_name("FILE");
    secret->callback([file, &chosen] {
        chosen = [file] {
            const auto made = make(*file);
            return made ? exitDone : complain(made.error());
        };
    });
}

}  // namespace cm::daemon
