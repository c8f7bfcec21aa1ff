// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/metadata.h"
#include "core/pypi/metadata_fields.h"

#include <boost/json.hpp>

namespace cm::pypi {

namespace json = boost::json;

json::value metadataToJson(const Metadata &metadata)
{
    json::object object;
    for (const SingleField &field : singleFields) {
        if (const std::string &value = metadata.*field.member; !value.empty())
            object[field.form] = value;
    }
    for (const RepeatedField &field : repeatedFields) {
        const auto &values = metadata.*field.member;
        if (!values.empty())
            object[field.form] = json::array(values.begin(), values.end());
    }
    return object;
}

std::string metadataToJsonText(const Metadata &metadata)
{
    return json::serialize(metadataToJson(metadata));
}

Result<Metadata> metadataFromJson(const json::value &value)
{
    const json::object *object = value.if_object();
    if (object == nullptr)
        return fail(ErrorCode::Corrupt, "stored metadata is no JSON object");
    Metadata metadata;
    for (const SingleField &field : singleFields) {
        const json::value *found = object->if_contains(field.form);
        if (found == nullptr)
            continue;
        if (!found->is_string())
            return fail(ErrorCode::Corrupt, "stored metadata: " + std::string(field.form) + " is no string");
        metadata.*field.member = std::string(found->get_string());
    }
    for (const RepeatedField &field : repeatedFields) {
        const json::value *found = object->if_contains(field.form);
        if (found == nullptr)
            continue;
        if (!found->is_array())
            return fail(ErrorCode::Corrupt, "stored metadata: " + std::string(field.form) + " is no list");
        for (const json::value &item : found->get_array()) {
            if (!item.is_string())
                return fail(ErrorCode::Corrupt, "stored metadata: " + std::string(field.form) + " holds no string");
            (metadata.*field.member).emplace_back(item.get_string());
        }
    }
    return metadata;
}

Result<Metadata> metadataFromJsonText(std::string_view text)
{
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error)
        return fail(ErrorCode::Corrupt, "stored metadata is no JSON: " + error.message());
    return metadataFromJson(value);
}

}  // namespace cm::pypi
