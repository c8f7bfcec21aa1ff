// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin user add | list
#include "app/daemon/command.h"
#include "app/daemon/compose.h"
#include "app/daemon/store_flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

namespace cm::daemon {
namespace {

struct UserFlags {
    StoreFlags store;
    std::string name;
    std::string role;
    std::string email;
    bool passwordFromInput = false;
};

Result<void> add(const UserFlags &flags, const config::ServeConfig &config)
{
    registry::NewUser user{flags.name, flags.email, catalog::RegistryRole::User, {}};
    user.role = catalog::registryRoleFromName(flags.role).value_or(user.role);
    if (flags.passwordFromInput && !std::getline(std::cin, user.password))
        return fail(ErrorCode::InvalidInput, "--password-stdin was given, and standard input is empty");
    // Nobody else can make the first person, so the folder may be new.
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, openForAdmin(config, true));
    CM_TRY(store->people.createUser(registry::commandLinePrincipal(), user));
    return {};
}

Result<void> list(const config::ServeConfig &config)
{
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, openForAdmin(config, false));
    catalog::UserQuery query;
    query.limit = 500;
    for (;; query.offset += query.limit) {
        CM_TRY_ASSIGN(const registry::PersonPage page, store->people.users(registry::commandLinePrincipal(), query));
        for (const registry::Person &person : page.people)
            std::printf("%s\t%s\t%s\t%s\n", person.user.name.c_str(),
                        std::string(catalog::registryRoleName(person.user.role)).c_str(),
                        person.user.active ? "active" : "frozen", person.user.email.c_str());
        if (query.offset + query.limit >= page.total)
            return {};
    }
}

}  // namespace

void addAdminUser(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<UserFlags>();
    CLI::App *user = admin.add_subcommand("user", "People of the registry");
    user->require_subcommand(1);
    CLI::App *adding = user->add_subcommand("add", "Add a person");
    adding->add_option("name", flags->name, "Name to sign in with")->required()->type_name("NAME");
    adding->add_option("--role", flags->role, "admin, operator, moderator, observer or user")
        ->required()
        ->check(CLI::IsMember({"admin", "operator", "moderator", "observer", "user"}));
    adding->add_option("--email", flags->email, "Address")->type_name("EMAIL");
    adding->add_flag("--password-stdin", flags->passwordFromInput,
                     "Read a password from the first line of standard input");
    addStoreFlags(*adding, flags->store);
    adding->callback([flags, &chosen] {
        chosen = [flags] {
            return withConfiguration(flags->store, [flags](const config::ServeConfig &config) {
                const auto done = add(*flags, config);
                return done ? exitDone : complain(done.error());
            });
        };
    });
    CLI::App *listing = user->add_subcommand("list", "One line a person: name, role, state, address");
    addStoreFlags(*listing, flags->store);
    listing->callback([flags, &chosen] {
        chosen = [flags] {
            return withConfiguration(flags->store, [](const config::ServeConfig &config) {
                const auto done = list(config);
                return done ? exitDone : complain(done.error());
            });
        };
    });
}

}  // namespace cm::daemon
