// SPDX-License-Identifier: GPL-3.0-or-later
// What every server of the admin contract does with a request before anybody is asked who calls: the
// endpoint that is meant, the methods an address takes, whether credentials may travel, the refusal as
// problem+json. Pure, any thread, without blocking.
#pragma once

#include "core/api/binding.h"
#include "core/http/request_head.h"
#include "core/http/response.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace cm::admin {

// Where the OpenAPI description of a server's endpoints lies.
inline constexpr std::string_view descriptionPath = "/admin/v1/openapi.json";

struct RouteMatch {
    std::size_t endpoint = 0;  // in the list
    api::NamedValues path;
};

// By what a caller is known: the Authorization header, or what he showed when he connected. The servers of
// the latter kind have no description of their endpoints either.
enum class SignedBy { Header, Certificate };

// Which of `endpoints` a request means; else the answer that refuses it.
[[nodiscard]] std::variant<RouteMatch, http::Response> findRoute(std::span<const api::EndpointInfo> endpoints,
                                                                 const http::RequestHead &head,
                                                                 SignedBy by = SignedBy::Header);
// GET also answers HEAD.
[[nodiscard]] bool sameMethod(api::Method wanted, http::Method sent);
// Whether credentials may travel with this request: over TLS, or from this very machine.
[[nodiscard]] bool maySendCredentials(const http::RequestHead &head);
// -1 for what is no id of ours, which gets `reset`; nothing when none was sent.
[[nodiscard]] std::optional<std::int64_t> lastEventId(const http::RequestHead &head);
[[nodiscard]] http::Response refusal(const http::RequestHead &head, const Error &error);

}  // namespace cm::admin
