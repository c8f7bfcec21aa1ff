// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs of deprecations; part of the one list in core/api/endpoints.h.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "core/api/endpoint.h"

namespace cm::api::endpoints {

inline constexpr Endpoint<Nothing, DeprecationList> listDeprecations{
    {"list-deprecations", Method::Get, "/admin/v1/deprecations", access::staff, "Everything that is on its way out"}};
inline constexpr Endpoint<ProposeDeprecation, Change> proposeDeprecation{
    {"propose-deprecation", Method::Post, "/admin/v1/deprecations", access::admins, "Propose that something retires"}};
inline constexpr Endpoint<DeprecationRef, DeprecationRecord> getDeprecation{
    {"get-deprecation", Method::Get, "/admin/v1/deprecations/{deprecation}", access::staff,
     "One record, with every step and word"}};
inline constexpr Endpoint<EditDeprecation, Change> editDeprecation{
    {"edit-deprecation", Method::Put, "/admin/v1/deprecations/{deprecation}", access::admins,
     "Change its terms: dates, replacement, owner"}};
inline constexpr Endpoint<DeprecationRef, DeprecationEvidence> deprecationEvidence{
    {"deprecation-evidence", Method::Get, "/admin/v1/deprecations/{deprecation}/evidence", access::staff,
     "Who still uses it, and how often"}};
inline constexpr Endpoint<PlanDeprecationStep, DeprecationPlan> planDeprecationStep{
    {"plan-deprecation-step", Method::Post, "/admin/v1/deprecations/{deprecation}/plan", access::staff,
     "The guards of a step, and whom it would refuse", true}};
inline constexpr Endpoint<TakeDeprecationStep, Change> takeDeprecationStep{
    {"take-deprecation-step", Method::Post, "/admin/v1/deprecations/{deprecation}/step", access::admins,
     "Go to another stage; guards are looked at anew"}};
inline constexpr Endpoint<ConfirmDeprecationStep, Change> confirmDeprecationStep{
    {"confirm-deprecation-step", Method::Post, "/admin/v1/deprecations/{deprecation}/confirm", access::admins,
     "The second person's word for a step"}};
inline constexpr Endpoint<BrownOutRef, BrownOutView> watchBrownOut{
    {"watch-brown-out", Method::Get, "/admin/v1/deprecations/{deprecation}/brown-outs/{brown_out}", access::staff,
     "Whom a brown-out refuses, and what fails beside it"}};
inline constexpr Endpoint<EndBrownOut, Change> endBrownOut{
    {"end-brown-out", Method::Post, "/admin/v1/deprecations/{deprecation}/brown-outs/{brown_out}/end", access::operators,
     "Abort a brown-out that runs, call off one that is planned"}};
inline constexpr Endpoint<ExemptFromDeprecation, Change> exemptFromDeprecation{
    {"exempt-from-deprecation", Method::Put, "/admin/v1/deprecations/{deprecation}/exemptions/{user}", access::admins,
     "Let one person go on until a date"}};
inline constexpr Endpoint<AnswerDeprecation, Change> answerDeprecation{
    {"answer-deprecation", Method::Post, "/admin/v1/deprecations/{deprecation}/answers", access::operators,
     "Keep what somebody said of it beside the decision"}};
inline constexpr Endpoint<DeprecationRef, DeprecationMessages> draftDeprecationMessages{
    {"draft-deprecation-messages", Method::Get, "/admin/v1/deprecations/{deprecation}/messages", access::staff,
     "A draft for each person, with their own projects"}};
inline constexpr Endpoint<WriteDeprecationMessages, DeprecationMessages> writeDeprecationMessages{
    {"write-deprecation-messages", Method::Post, "/admin/v1/deprecations/{deprecation}/messages", access::admins,
     "Send messages, or note that they were kept as files", false, 4 * 1024 * 1024}};
inline constexpr Endpoint<DeprecationRef, DeprecationMentions> deprecationMentions{
    {"deprecation-mentions", Method::Get, "/admin/v1/deprecations/{deprecation}/mentions", access::staff,
     "Where the registry's own texts still speak of it"}};
inline constexpr Endpoint<DeprecationRef, DeprecationReport> deprecationReport{
    {"deprecation-report", Method::Get, "/admin/v1/deprecations/{deprecation}/report", access::staff,
     "The written record of it, as Markdown"}};
inline constexpr Endpoint<Nothing, ServingNodes> listServingNodes{
    {"list-serving-nodes", Method::Get, "/admin/v1/serving-nodes", access::staff,
     "Nodes that enforce what retires, and when each was heard of last"}};
inline constexpr Endpoint<ForgetServingNode, Change> forgetServingNode{
    {"forget-serving-node", Method::Post, "/admin/v1/serving-nodes/{node}/forget", access::operators,
     "Forget a node that is gone, so that no tombstone waits for it"}};

}  // namespace cm::api::endpoints
