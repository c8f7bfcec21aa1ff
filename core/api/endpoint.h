// SPDX-License-Identifier: GPL-3.0-or-later
// One verb of the admin contract: method, path, who may call it, what goes in and comes out. Members
// of the request named in {braces} travel in the path; the others in the query of a GET or DELETE and
// of what takes a file, in the JSON body of another POST or PUT. Server and desktop both work from the same constants.
#pragma once

#include "core/api/types.h"

namespace cm::api {

enum class Method { Get, Post, Put, Delete };
template <>
struct EnumNames<Method> {
    static constexpr std::array values{std::pair{Method::Get, std::string_view("GET")},
                                       std::pair{Method::Post, std::string_view("POST")},
                                       std::pair{Method::Put, std::string_view("PUT")},
                                       std::pair{Method::Delete, std::string_view("DELETE")}};
};

// Who may call: any of `roles`, or somebody whose role on the named project is at least
// `projectRole`. Anonymous calls are for signing in alone.
struct Access {
    unsigned roles = 0;
    std::optional<ProjectRole> projectRole;
    bool anonymous = false;

    [[nodiscard]] constexpr bool allows(Role role) const { return ((roles >> static_cast<unsigned>(role)) & 1U) != 0; }
};

constexpr unsigned roleBit(Role role)
{
    return 1U << static_cast<unsigned>(role);
}

namespace access {
inline constexpr unsigned adminBit = roleBit(Role::Admin);
inline constexpr unsigned staffBits =
    adminBit | roleBit(Role::Operator) | roleBit(Role::Moderator) | roleBit(Role::Observer);

inline constexpr Access anyone{0, std::nullopt, true};
inline constexpr Access signedIn{staffBits | roleBit(Role::User), std::nullopt, false};
// Signed in, and not an observer, who changes nothing at all.
inline constexpr Access makers{(staffBits | roleBit(Role::User)) & ~roleBit(Role::Observer), std::nullopt, false};
inline constexpr Access staff{staffBits, std::nullopt, false};
inline constexpr Access staffOrMaintainers{staffBits, ProjectRole::Maintainer, false};
inline constexpr Access operators{adminBit | roleBit(Role::Operator), std::nullopt, false};
inline constexpr Access moderators{adminBit | roleBit(Role::Moderator), std::nullopt, false};
inline constexpr Access moderatorsOrMaintainers{adminBit | roleBit(Role::Moderator), ProjectRole::Maintainer, false};
inline constexpr Access moderatorsOrOwners{adminBit | roleBit(Role::Moderator), ProjectRole::Owner, false};
inline constexpr Access adminsOrMaintainers{adminBit, ProjectRole::Maintainer, false};
inline constexpr Access adminsOrOwners{adminBit, ProjectRole::Owner, false};
inline constexpr Access admins{adminBit, std::nullopt, false};
}  // namespace access

// The part of an endpoint that needs no types.
struct EndpointInfo {
    std::string_view name;
    Method method = Method::Get;
    std::string_view path;
    Access access;
    std::string_view summary;

    // Reads only, whatever the method.
    [[nodiscard]] constexpr bool changes() const { return method != Method::Get && !readOnly; }
    bool readOnly = false;
    // Bytes of a request's body; what is larger is refused. Most are a name and a reason.
    std::uint32_t maxBody = 64 * 1024;
    // The body is a file as it is, streamed, and no JSON; the registry's own limits hold for it.
    bool takesFile = false;

    [[nodiscard]] constexpr bool hasJsonBody() const
    {
        return (method == Method::Post || method == Method::Put) && !takesFile;
    }
};

template <class RequestType, class ResponseType>
struct Endpoint : EndpointInfo {
    using Request = RequestType;
    using Response = ResponseType;
};

}  // namespace cm::api
