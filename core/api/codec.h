// SPDX-License-Identifier: GPL-3.0-or-later
// JSON of every described struct of the contract, by one set of rules: members in snake_case, ids as
// decimal strings, times as RFC 3339, enumerations by wire name, absent optionals left out (in lists: null). Reading
// keeps the default of a missing member and collects every problem with its path. Pure, any thread.
#pragma once

#include "core/api/types.h"

#include <boost/describe/members.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <type_traits>

namespace cm::api {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

// "lastSerial" as "last_serial".
std::string snakeCase(std::string_view member);

// What a reader does with a member it does not know: a server refuses it, a client of a newer
// server goes on.
enum class UnknownMembers { Refuse, Ignore };

Result<Json> parseJson(std::string_view text);
std::string printJson(const Json &json);

namespace detail {

template <class D>
const std::string &keyOf()
{
    static const std::string key = snakeCase(D::name);
    return key;
}

template <Described T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

struct Problems {
    std::vector<FieldProblem> list;
    UnknownMembers unknown = UnknownMembers::Refuse;
    void add(const std::string &path, std::string problem) { list.push_back({path.empty() ? "body" : path, std::move(problem)}); }
};

void writeJson(Json &out, bool value);
void writeJson(Json &out, std::int64_t value);
void writeJson(Json &out, double value);
void writeJson(Json &out, const std::string &value);
void writeJson(Json &out, Id value);
void writeJson(Json &out, Time value);
void writeJson(Json &out, const Json &value);
template <NamedEnum E>
void writeJson(Json &out, E value);
template <class T>
void writeJson(Json &out, const std::vector<T> &values);
template <class T>
void writeJson(Json &out, const std::optional<T> &value);
template <Described T>
void writeJson(Json &out, const T &value);

template <NamedEnum E>
void writeJson(Json &out, E value)
{
    out = Json(nameOf(value));
}

template <class T>
void writeJson(Json &out, const std::vector<T> &values)
{
    auto &array = out.emplace_array();
    array.reserve(values.size());
    for (const T &value : values) {
        array.emplace_back(nullptr);
        writeJson(array.back(), value);
    }
}

// In a list, where none can be left out.
template <class T>
void writeJson(Json &out, const std::optional<T> &value)
{
    if (value)
        writeJson(out, *value);
    else
        out = nullptr;
}

template <class T>
void writeMember(boost::json::object &out, const std::string &key, const T &value)
{
    writeJson(out[key], value);
}

template <class T>
void writeMember(boost::json::object &out, const std::string &key, const std::optional<T> &value)
{
    if (value)
        writeJson(out[key], *value);
}

template <Described T>
void writeJson(Json &out, const T &value)
{
    auto &object = out.emplace_object();
    boost::mp11::mp_for_each<Members<T>>([&](auto member) { writeMember(object, keyOf<decltype(member)>(), value.*member.pointer); });
}

void readJson(const Json &in, bool &value, const std::string &path, Problems &problems);
void readJson(const Json &in, std::int64_t &value, const std::string &path, Problems &problems);
void readJson(const Json &in, double &value, const std::string &path, Problems &problems);
void readJson(const Json &in, std::string &value, const std::string &path, Problems &problems);
void readJson(const Json &in, Id &value, const std::string &path, Problems &problems);
void readJson(const Json &in, Time &value, const std::string &path, Problems &problems);
void readJson(const Json &in, Json &value, const std::string &path, Problems &problems);
template <NamedEnum E>
void readJson(const Json &in, E &value, const std::string &path, Problems &problems);
template <class T>
void readJson(const Json &in, std::optional<T> &value, const std::string &path, Problems &problems);
template <class T>
void readJson(const Json &in, std::vector<T> &values, const std::string &path, Problems &problems);
template <Described T>
void readJson(const Json &in, T &value, const std::string &path, Problems &problems);

// The wire names of E, for a message.
template <NamedEnum E>
std::string choices()
{
    std::string text;
    for (const auto &[value, name] : EnumNames<E>::values)
        text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

template <NamedEnum E>
void readJson(const Json &in, E &value, const std::string &path, Problems &problems)
{
    const auto *text = in.if_string();
    const auto named = text ? enumNamed<E>(std::string_view(*text)) : std::nullopt;
    if (named)
        value = *named;
    else
        problems.add(path, "is none of: " + choices<E>());
}

template <class T>
void readJson(const Json &in, std::optional<T> &value, const std::string &path, Problems &problems)
{
    if (in.is_null()) {
        value.reset();
        return;
    }
    readJson(in, value.emplace(), path, problems);
}

template <class T>
void readJson(const Json &in, std::vector<T> &values, const std::string &path, Problems &problems)
{
    const auto *array = in.if_array();
    if (!array) {
        problems.add(path, "is not a list");
        return;
    }
    values.clear();
    values.reserve(array->size());
    for (const Json &item : *array) {
        const std::string itemPath = path + "[" + std::to_string(values.size()) + "]";
        readJson(item, values.emplace_back(), itemPath, problems);
    }
}

template <Described T>
void readJson(const Json &in, T &value, const std::string &path, Problems &problems)
{
    const auto *object = in.if_object();
    if (!object) {
        problems.add(path, "is not an object");
        return;
    }
    std::size_t known = 0;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        const std::string &key = keyOf<decltype(member)>();
        if (const auto *field = object->if_contains(key)) {
            ++known;
            readJson(*field, value.*member.pointer, path.empty() ? key : path + "." + key, problems);
        }
    });
    if (known == object->size() || problems.unknown == UnknownMembers::Ignore)
        return;
    for (const auto &[key, field] : *object) {
        bool found = false;
        boost::mp11::mp_for_each<Members<T>>([&](auto member) { found = found || keyOf<decltype(member)>() == std::string_view(key); });
        if (!found)
            problems.add(path.empty() ? std::string(key) : path + "." + std::string(key), "is not a member of this request");
    }
}

Error invalid(Problems problems);

}  // namespace detail

template <class T>
Json toJson(const T &value)
{
    Json json;
    detail::writeJson(json, value);
    return json;
}

template <class T>
std::string toJsonText(const T &value)
{
    return printJson(toJson(value));
}

// InvalidInput with every problem by path.
template <class T>
Result<T> fromJson(const Json &json, UnknownMembers unknown = UnknownMembers::Ignore)
{
    T value{};
    detail::Problems problems{{}, unknown};
    detail::readJson(json, value, {}, problems);
    if (!problems.list.empty())
        return fail(detail::invalid(std::move(problems)));
    return value;
}

template <class T>
Result<T> fromJsonText(std::string_view text, UnknownMembers unknown = UnknownMembers::Ignore)
{
    CM_TRY_ASSIGN(const Json json, parseJson(text));
    return fromJson<T>(json, unknown);
}

}  // namespace cm::api
