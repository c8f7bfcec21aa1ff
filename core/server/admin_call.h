// SPDX-License-Identifier: GPL-3.0-or-later
// One call of the admin API as its handler sees it, and the handlers: answer<endpoint>() for every
// endpoint of core/api/endpoints.h but the event stream, which is no question with an answer. They run
// on the admin executor and may block; the caller's right to the endpoint has been checked.
#pragma once

#include "core/api/endpoints.h"
#include "core/server/services.h"

#include <type_traits>

namespace cm::server {

struct AdminCall {
    const Services &services;
    const Options &options;
    const http::RequestHead &head;
    registry::Principal by;  // nobody for an anonymous endpoint
    registry::Origin origin;
};

template <const auto &endpoint>
using RequestOf = typename std::remove_cvref_t<decltype(endpoint)>::Request;
template <const auto &endpoint>
using ResponseOf = typename std::remove_cvref_t<decltype(endpoint)>::Response;

template <const auto &endpoint>
Result<ResponseOf<endpoint>> answer(const AdminCall &call, const RequestOf<endpoint> &request);

}  // namespace cm::server

// The head of answer<endpoint>(), for its definition.
#define CM_ANSWER(endpoint)                                                        \
    template <>                                                                    \
    Result<ResponseOf<api::endpoints::endpoint>> answer<api::endpoints::endpoint>( \
        [[maybe_unused]] const AdminCall &call, [[maybe_unused]] const RequestOf<api::endpoints::endpoint> &request)
