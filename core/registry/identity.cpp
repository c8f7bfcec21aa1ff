// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/identity.h"

#include <algorithm>

namespace cm::registry {

bool Principal::covers(std::string_view normalizedProject) const
{
    return !scoped || std::find(projectScope.begin(), projectScope.end(), normalizedProject) != projectScope.end();
}

Principal commandLinePrincipal()
{
    Principal principal;
    principal.name = "command line";
    principal.role = catalog::RegistryRole::Admin;
    principal.origin.channel = "command line";
    return principal;
}

}  // namespace cm::registry
