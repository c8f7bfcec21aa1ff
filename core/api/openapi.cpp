// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/openapi.h"

#include "core/api/codec.h"
#include "core/api/monitor_endpoints.h"

#include <boost/mp11/algorithm.hpp>

namespace cm::api {
namespace {

using boost::json::array;
using boost::json::object;

template <class T>
struct Schema;

template <class T>
object schemaOf()
{
    return Schema<T>::make();
}

template <>
struct Schema<bool> {
    static object make() { return {{"type", "boolean"}}; }
};
template <>
struct Schema<std::int64_t> {
    static object make() { return {{"type", "integer"}, {"format", "int64"}}; }
};
template <>
struct Schema<double> {
    static object make() { return {{"type", "number"}}; }
};
template <>
struct Schema<std::string> {
    static object make() { return {{"type", "string"}}; }
};
template <>
struct Schema<Id> {
    static object make() { return {{"type", "string"}, {"pattern", "^[0-9]+$"}}; }
};
template <>
struct Schema<Time> {
    static object make() { return {{"type", "string"}, {"format", "date-time"}}; }
};
template <>
struct Schema<Json> {
    static object make() { return {}; }
};
template <class T>
struct Schema<std::optional<T>> : Schema<T> {};
template <class T>
struct Schema<std::vector<T>> {
    static object make() { return {{"type", "array"}, {"items", schemaOf<T>()}}; }
};
template <class T>
struct Schema<std::vector<std::optional<T>>> {
    static object make()
    {
        object items = schemaOf<T>();
        items["type"] = array{items["type"], "null"};
        return {{"type", "array"}, {"items", std::move(items)}};
    }
};
template <NamedEnum E>
struct Schema<E> {
    static object make()
    {
        array names;
        for (const auto &[value, name] : EnumNames<E>::values)
            names.emplace_back(name);
        return {{"type", "string"}, {"enum", std::move(names)}};
    }
};
template <Described T>
struct Schema<T> {
    static object make()
    {
        object properties;
        boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
            using Field = std::remove_cvref_t<decltype(T{}.*member.pointer)>;
            properties[detail::keyOf<decltype(member)>()] = schemaOf<Field>();
        });
        return {{"type", "object"}, {"properties", std::move(properties)}};
    }
};

bool inPath(std::string_view path, std::string_view name)
{
    return path.find("{" + std::string(name) + "}") != std::string_view::npos;
}

template <class Request>
array parametersOf(const EndpointInfo &endpoint)
{
    const bool hasBody = endpoint.hasJsonBody();
    array parameters;
    const object schema = schemaOf<Request>();
    for (const auto &[name, type] : schema.at("properties").as_object()) {
        const bool path = inPath(endpoint.path, name);
        if (!path && hasBody)
            continue;
        parameters.push_back(object{{"name", name}, {"in", path ? "path" : "query"}, {"required", path}, {"schema", type}});
    }
    return parameters;
}

template <class Request>
object bodyOf(const EndpointInfo &endpoint)
{
    object schema = schemaOf<Request>();
    object &properties = schema["properties"].as_object();
    for (auto it = properties.begin(); it != properties.end();)
        it = inPath(endpoint.path, it->key()) ? properties.erase(it) : std::next(it);
    return {{"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

std::string whoMayCall(const Access &access)
{
    if (access.anonymous)
        return "Anyone.";
    std::string text = "Roles:";
    for (const auto &[role, name] : EnumNames<Role>::values) {
        if (access.allows(role))
            text.append(" ").append(name);
    }
    if (access.projectRole)
        text.append("; project role: ").append(nameOf(*access.projectRole));
    return text + ".";
}

template <class Request, class Response>
object operationOf(const Endpoint<Request, Response> &endpoint)
{
    const std::string_view type = endpoint.name == "events" ? "text/event-stream" : "application/json";
    object operation{{"operationId", endpoint.name},
                     {"summary", endpoint.summary},
                     {"description", whoMayCall(endpoint.access)},
                     {"parameters", parametersOf<Request>(endpoint)},
                     {"responses",
                      {{"200", {{"description", "Done"}, {"content", {{type, {{"schema", schemaOf<Response>()}}}}}}},
                       {"default",
                        {{"description", "RFC 9457 problem"},
                         {"content", {{"application/problem+json", {{"schema", {{"type", "object"}}}}}}}}}}}};
    if (endpoint.takesFile)
        operation["requestBody"] = object{{"required", true}, {"content", {{"application/zip", object{}}}}};
    else if (endpoint.hasJsonBody())
        operation["requestBody"] = bodyOf<Request>(endpoint);
    if (endpoint.access.anonymous)
        operation["security"] = array{};
    return operation;
}

template <class Endpoints>
Json documentOf(std::string_view title, std::string_view version, const Endpoints &endpoints)
{
    object paths;
    const auto add = [&](const auto &endpoint) {
        std::string method(nameOf(endpoint.method));
        for (char &c : method)
            c = static_cast<char>(c - 'A' + 'a');
        Json &path = paths[endpoint.path];
        if (!path.is_object())
            path = object{};
        path.as_object()[method] = operationOf(endpoint);
    };
    std::apply([&](const auto &...endpoint) { (add(endpoint), ...); }, endpoints);
    return object{{"openapi", "3.1.0"},
                  {"info", {{"title", title}, {"version", version}}},
                  {"security", array{object{{"token", array{}}}}},
                  {"components", {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}},
                  {"paths", std::move(paths)}};
}

}  // namespace

Json openApiDocument(std::string_view version)
{
    return documentOf("Cheesemonger admin API", version, endpoints::all);
}

Json monitorOpenApiDocument(std::string_view version)
{
    return documentOf("Cheesemonger monitor API", version, endpoints::ofMonitor);
}

}  // namespace cm::api
