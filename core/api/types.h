// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the admin contract that many endpoints share: ids, roles, pages, enumerations with
// their wire names. Plain values, any thread.
#pragma once

#include "core/base/clock.h"

#include <array>
#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::api {

using Json = boost::json::value;

// A row's identity: a 64-bit integer in the store, a decimal string in JSON, opaque to clients.
struct Id {
    std::int64_t value = 0;
    friend auto operator<=>(const Id &, const Id &) = default;
};

// Specialised for every enumeration of the contract: `values`, an array of {value, wire name}.
template <class E>
struct EnumNames;

template <class E>
concept NamedEnum = requires { EnumNames<E>::values.size(); };

template <NamedEnum E>
constexpr std::string_view nameOf(E value)
{
    for (const auto &[candidate, name] : EnumNames<E>::values) {
        if (candidate == value)
            return name;
    }
    return {};
}

template <NamedEnum E>
constexpr std::optional<E> enumNamed(std::string_view name)
{
    for (const auto &[candidate, candidateName] : EnumNames<E>::values) {
        if (candidateName == name)
            return candidate;
    }
    return std::nullopt;
}

// What a person may do in the whole registry.
enum class Role { Admin, Operator, Moderator, Observer, User };
template <>
struct EnumNames<Role> {
    static constexpr std::array values{std::pair{Role::Admin, std::string_view("admin")},
                                       std::pair{Role::Operator, std::string_view("operator")},
                                       std::pair{Role::Moderator, std::string_view("moderator")},
                                       std::pair{Role::Observer, std::string_view("observer")},
                                       std::pair{Role::User, std::string_view("user")}};
};

// What a person may do in one project.
enum class ProjectRole { Owner, Maintainer };
template <>
struct EnumNames<ProjectRole> {
    static constexpr std::array values{std::pair{ProjectRole::Owner, std::string_view("Owner")},
                                       std::pair{ProjectRole::Maintainer, std::string_view("Maintainer")}};
};

// PEP 792.
enum class ProjectStatus { Active, Archived, Deprecated, Quarantined };
template <>
struct EnumNames<ProjectStatus> {
    static constexpr std::array values{std::pair{ProjectStatus::Active, std::string_view("active")},
                                       std::pair{ProjectStatus::Archived, std::string_view("archived")},
                                       std::pair{ProjectStatus::Deprecated, std::string_view("deprecated")},
                                       std::pair{ProjectStatus::Quarantined, std::string_view("quarantined")}};
};

// What a monitor concludes, by weight.
enum class Verdict { Ok, Warning, Unknown, Critical };
template <>
struct EnumNames<Verdict> {
    static constexpr std::array values{std::pair{Verdict::Ok, std::string_view("ok")},
                                       std::pair{Verdict::Warning, std::string_view("warning")},
                                       std::pair{Verdict::Unknown, std::string_view("unknown")},
                                       std::pair{Verdict::Critical, std::string_view("critical")}};
};

enum class ProjectSort { Name, LastActivity, Files, Size, Created };
template <>
struct EnumNames<ProjectSort> {
    static constexpr std::array values{std::pair{ProjectSort::Name, std::string_view("name")},
                                       std::pair{ProjectSort::LastActivity, std::string_view("last_activity")},
                                       std::pair{ProjectSort::Files, std::string_view("files")},
                                       std::pair{ProjectSort::Size, std::string_view("size")},
                                       std::pair{ProjectSort::Created, std::string_view("created")}};
};

// A window of a longer list. `serial` is the registry's at the moment of reading.
template <class T>
struct Page {
    std::vector<T> items;
    std::int64_t total = 0;
    std::int64_t offset = 0;
    std::int64_t serial = 0;
    friend bool operator==(const Page &, const Page &) = default;
    BOOST_DESCRIBE_CLASS(Page, (), (items, total, offset, serial), (), ())
};

// What every change answers: the serial after it (0 when the public journal did not move) and the
// audit line that records it.
struct Change {
    std::int64_t serial = 0;
    Id audit;
    friend bool operator==(const Change &, const Change &) = default;
    BOOST_DESCRIBE_CLASS(Change, (), (serial, audit), (), ())
};

struct Nothing {
    friend bool operator==(const Nothing &, const Nothing &) = default;
    BOOST_DESCRIBE_CLASS(Nothing, (), (), (), ())
};

}  // namespace cm::api
