// SPDX-License-Identifier: GPL-3.0-or-later
// What resources/sql makes, once more as values: a test holds the two together.
#include "core/catalog/transfer.h"

#include <array>

namespace cm::catalog {

namespace {

using Kind = TransferColumn::Kind;

constexpr TransferColumn integer(std::string_view name)
{
    return {name, Kind::Integer};
}

constexpr TransferColumn boolean(std::string_view name)
{
    return {name, Kind::Boolean};
}

constexpr TransferColumn text(std::string_view name)
{
    return {name, Kind::Text};
}

constexpr TransferColumn bytes(std::string_view name)
{
    return {name, Kind::Bytes};
}

constexpr std::array projects{
    integer("id"), text("normalized_name"), text("name"), text("similarity_key"), text("status"),
    text("status_reason"), integer("quarantined_at"), text("quarantined_by"), text("quarantine_reason"),
    text("quarantine_previous_status"), integer("file_limit"), integer("total_limit"), integer("created"),
    integer("last_activity"), integer("last_serial"), integer("release_count"), integer("file_count"),
    integer("total_size"), integer("deleted_at"), text("deleted_by"), text("delete_reason"), integer("purge_after")};

constexpr std::array releases{
    integer("id"), integer("project_id"), text("version"), text("canonical_version"), integer("created"),
    boolean("yanked"), text("yanked_reason"), integer("quarantined_at"), text("quarantined_by"),
    text("quarantine_reason"), text("summary"), text("requires_python"), text("uploaded_by"), integer("deleted_at"),
    text("deleted_by"), text("delete_reason"), integer("purge_after"), text("deleted_with"),
    text("description_content_type"), text("metadata_json"), text("description")};

constexpr std::array files{
    integer("id"), integer("project_id"), integer("release_id"), text("filename"), text("packagetype"),
    text("python_version"), integer("size"), text("sha256"), text("md5"), text("blake2b256"), integer("upload_time"),
    text("uploaded_by"), text("path"), text("metadata_sha256"), text("requires_python"), text("comment"),
    integer("deleted_at"), text("deleted_by"), text("delete_reason"), integer("purge_after"), text("deleted_with")};

constexpr std::array usedFilenames{text("filename")};

constexpr std::array users{integer("id"), text("normalized_name"), text("name"), text("email"),
                           text("role"), text("password_hash"), boolean("active"), integer("created")};

constexpr std::array members{integer("project_id"), integer("user_id"), text("role"), integer("since")};

constexpr std::array tokens{integer("id"), text("macaroon_id"), integer("user_id"), text("kind"),
                            text("description"), bytes("encrypted_key"), text("projects"),
                            integer("created"), integer("expires"), integer("last_used"), integer("revoked")};

constexpr std::array sshKeys{integer("id"), integer("user_id"), text("type"), text("key_data"), integer("bits"),
                             text("fingerprint"), text("title"), text("projects"), integer("created"),
                             text("added_by"), integer("expires"), integer("revoked"), text("revoked_by"),
                             text("revoke_reason"), integer("last_used"), text("last_used_from")};

constexpr std::array journal{integer("serial"), text("project"), text("normalized_name"), text("version"),
                             text("action"), text("actor"), integer("time")};

constexpr std::array audit{integer("id"), integer("time"), text("actor"), text("role"), text("channel"),
                           text("action"), text("subject_kind"), text("subject"), text("reason"), text("before_json"),
                           text("after_json"), text("request_id"), text("previous_hash"), text("hash")};

constexpr std::array events{integer("id"), integer("time"), text("name"), text("subject"), integer("serial"),
                            text("actor")};

constexpr std::array counters{text("name"), integer("value")};

constexpr std::array readOnly{integer("id"), integer("since"), integer("ends"), text("set_by"),
                              text("reason"), text("message")};

constexpr std::array documentation{
    integer("id"), integer("project_id"), integer("release_id"), integer("archive_size"), text("archive_sha256"),
    integer("total_size"), integer("file_count"), integer("uploaded"), text("uploaded_by"), boolean("replaced"),
    integer("deleted_at"), text("deleted_by"), text("delete_reason"), integer("purge_after")};

constexpr std::array documentationFiles{integer("documentation_id"), text("path"), integer("size"), text("blake2b256"),
                                        text("blob")};

constexpr std::array documentationLatest{integer("project_id"), integer("release_id")};

constexpr std::array idleBlobs{text("path")};

constexpr std::array downloadTexts{integer("id"), text("text")};

constexpr std::array downloadProjects{integer("id"), text("name")};

constexpr std::array downloadVersions{integer("id"), integer("project_id"), text("version")};

constexpr std::array downloadCounts{integer("tier"), integer("bucket"), integer("subject"), bytes("data")};

constexpr std::array downloadRanks{integer("tier"), integer("request"), integer("bucket"), integer("shard"),
                                   bytes("data")};

constexpr std::array downloadTallies{integer("tier"), integer("bucket"), integer("received"), integer("downloads"),
                                     integer("simple"), integer("ignored"), integer("unprocessed"), integer("refused"),
                                     integer("minutes")};

constexpr std::array downloadReasons{integer("tier"), integer("bucket"), text("reason"), integer("lines")};

constexpr std::array downloadSources{text("source"), integer("position"), integer("updated")};

constexpr std::array downloadSenders{text("sender"), integer("seconds"), integer("sent"), text("source")};

constexpr std::array downloadSenderHours{integer("bucket"), text("sender"), integer("received"), integer("sent"), integer("told")};

constexpr std::array downloadAnnotations{integer("id"), text("kind"), text("project"), integer("begins"),
                                         integer("ends"), text("text"), text("author"), integer("created")};

constexpr std::array deprecations{
    integer("id"), integer("revision"), text("title"), text("kind"), text("subject"), text("owner"), text("replacement"),
    text("link"), text("command"), text("client_project"), text("mentions"), integer("deprecated"), integer("sunset"),
    integer("removal"), integer("budget"), integer("quiet_days"), boolean("second_person"), text("state"),
    text("paused_from"), integer("since"), integer("created"), text("created_by"), text("confirmed_state"),
    text("confirmed_by"), integer("confirmed_revision"), text("agreed_json")};

constexpr std::array deprecationSteps{integer("id"), integer("deprecation_id"), text("from_state"), text("to_state"),
                                      integer("time"), text("actor"), text("confirmed_by"), text("reason"),
                                      text("guards_json"), boolean("overridden")};

constexpr std::array brownOuts{integer("id"), integer("deprecation_id"), integer("number"), integer("starts"),
                               integer("ends"), text("on_call"), integer("abort_at"), integer("ended"),
                               text("ended_by"), text("end_reason"), text("figures_json")};

constexpr std::array deprecationExemptions{integer("deprecation_id"), integer("user_id"), integer("until"),
                                           text("reason"), text("author")};

constexpr std::array deprecationAnswers{integer("id"), integer("deprecation_id"), text("who"), text("stance"),
                                        text("text"), integer("time"), text("author")};

constexpr std::array deprecationMessages{integer("id"), integer("deprecation_id"), integer("user_id"), integer("time"),
                                         text("outcome"), text("problem"), text("author")};

constexpr std::array deprecationProofs{integer("deprecation_id"), text("node"), integer("revision"),
                                       boolean("answers_right"), text("detail"), integer("time")};

constexpr std::array servingNodes{text("node"), integer("seen")};

constexpr std::array uses{integer("id"), integer("time"), text("channel"), text("endpoint"), text("authentication"),
                          text("client"), text("client_version"), integer("user_id"), text("credential"),
                          text("project"), text("file_type"), text("metadata_version"), text("digest"),
                          integer("status"), integer("refused_by"), integer("brown_out"), integer("noticed"),
                          integer("uses"), text("client_class"), text("network")};

constexpr std::array useKinds{integer("id"), text("channel"), text("endpoint"), text("authentication"), text("client"),
                              text("client_version"), text("client_class"), text("file_type"), text("metadata_version"),
                              text("digest")};

constexpr std::array useDays{integer("kind_id"), integer("day"), integer("user_id"), integer("refused_by"),
                             integer("uses"), integer("notices"), integer("first_time"), integer("last_time")};

constexpr std::array useDetails{integer("user_id"), integer("kind_id"), text("credential"), text("project"),
                                integer("accepted"), integer("last_time")};

constexpr std::array useNetworks{integer("kind_id"), text("network"), integer("day"), integer("uses"), integer("last_time")};

constexpr std::array brownOutUses{integer("brown_out_id"), integer("user_id"), text("client_class"), integer("refused"),
                                  integer("first_time"), integer("last_time")};

constexpr std::array brownOutStrangers{integer("brown_out_id"), text("network"), integer("minute")};

constexpr std::array brownOutCollateral{
    integer("brown_out_id"), text("node"), integer("from_time"), integer("to_time"), integer("uploads"),
    integer("uploads_refused"), integer("uploads_failed"), integer("installs"), integer("installs_failed"),
    integer("before_uploads"), integer("before_uploads_refused"), integer("before_uploads_failed"),
    integer("before_installs"), integer("before_installs_failed")};

constexpr std::array useGaps{integer("id"), text("node"), integer("began"), integer("ended"), text("cause"),
                             text("channel"), text("endpoint"), integer("refused_by"), integer("uses")};

constexpr std::array tables{
    TransferTable{"projects", projects, "id", "id"},
    TransferTable{"releases", releases, "id", "id"},
    TransferTable{"files", files, "id", "id"},
    TransferTable{"used_filenames", usedFilenames, "filename", ""},
    TransferTable{"users", users, "id", "id"},
    TransferTable{"members", members, "project_id, user_id", ""},
    TransferTable{"tokens", tokens, "id", "id"},
    TransferTable{"journal", journal, "serial", "serial"},
    TransferTable{"audit", audit, "id", ""},
    TransferTable{"events", events, "id", "id"},
    TransferTable{"counters", counters, "name", ""},
    TransferTable{"read_only", readOnly, "id", ""},
    TransferTable{"documentation", documentation, "id", "id"},
    TransferTable{"documentation_files", documentationFiles, "documentation_id, path", ""},
    TransferTable{"documentation_latest", documentationLatest, "project_id", ""},
    TransferTable{"idle_blobs", idleBlobs, "path", ""},
    TransferTable{"download_texts", downloadTexts, "id", "id"},
    TransferTable{"download_projects", downloadProjects, "id", "id"},
    TransferTable{"download_versions", downloadVersions, "id", "id"},
    TransferTable{"download_counts", downloadCounts, "tier, bucket, subject", ""},
    TransferTable{"download_ranks", downloadRanks, "tier, request, bucket, shard", ""},
    TransferTable{"download_tallies", downloadTallies, "tier, bucket", ""},
    TransferTable{"download_reasons", downloadReasons, "tier, bucket, reason", ""},
    TransferTable{"download_sources", downloadSources, "source", ""},
    TransferTable{"download_senders", downloadSenders, "sender", ""},
    TransferTable{"download_sender_hours", downloadSenderHours, "bucket, sender", ""},
    TransferTable{"download_annotations", downloadAnnotations, "id", "id"},
    TransferTable{"deprecations", deprecations, "id", "id"},
    TransferTable{"deprecation_steps", deprecationSteps, "id", "id"},
    TransferTable{"brown_outs", brownOuts, "id", "id"},
    TransferTable{"deprecation_exemptions", deprecationExemptions, "deprecation_id, user_id", ""},
    TransferTable{"deprecation_answers", deprecationAnswers, "id", "id"},
    TransferTable{"deprecation_messages", deprecationMessages, "id", "id"},
    TransferTable{"deprecation_proofs", deprecationProofs, "deprecation_id, node", ""},
    TransferTable{"serving_nodes", servingNodes, "node", ""},
    TransferTable{"uses", uses, "id", "id"},
    TransferTable{"use_kinds", useKinds, "id", "id"},
    TransferTable{"use_days", useDays, "kind_id, day, user_id, refused_by", ""},
    TransferTable{"use_details", useDetails, "user_id, kind_id, credential, project", ""},
    TransferTable{"use_networks", useNetworks, "kind_id, network, day", ""},
    TransferTable{"brown_out_uses", brownOutUses, "brown_out_id, user_id, client_class", ""},
    TransferTable{"brown_out_strangers", brownOutStrangers, "brown_out_id, network, minute", ""},
    TransferTable{"brown_out_collateral", brownOutCollateral, "brown_out_id, node", ""},
    TransferTable{"use_gaps", useGaps, "id", "id"},
    TransferTable{"ssh_keys", sshKeys, "id", "id"},
};

}  // namespace

std::span<const TransferTable> transferTables()
{
    return tables;
}

}  // namespace cm::catalog
