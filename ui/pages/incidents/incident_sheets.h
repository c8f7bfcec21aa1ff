// SPDX-License-Identifier: GPL-3.0-or-later
// The sheets of Incidents: owning an alert until a time, with a note; holding alerts back until a time,
// with a look at what that would do now. GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <optional>

class QComboBox;

namespace cm::ui {

// For how long; from a moment on.
class SpanField {
public:
    explicit SpanField(const QString &name);
    [[nodiscard]] QComboBox *field() const { return m_field; }
    [[nodiscard]] Time until(Time now) const;

private:
    QComboBox *m_field;
};

class AcknowledgeSheet : public ActionSheet {
    Q_OBJECT
public:
    // Without an alert: everything that fires now.
    AcknowledgeSheet(const PageContext &context, const std::optional<api::Alert> &alert, QWidget *parent = nullptr);
    [[nodiscard]] Time until() const;

private:
    void showPlan();

    PageContext m_context;
    std::optional<api::Alert> m_alert;
    SpanField m_span;
};

class SilenceSheet : public ActionSheet {
    Q_OBJECT
public:
    SilenceSheet(const PageContext &context, const api::Alert &alert, QWidget *parent = nullptr);
    [[nodiscard]] Time until() const;
    [[nodiscard]] api::SilenceMatch match() const;

private:
    void preview();
    void showPreview(const Result<api::SilencePreview> &answer);

    PageContext m_context;
    api::Alert m_alert;
    QComboBox *m_what;
    SpanField m_span;
    LatestCall m_call;
};

}  // namespace cm::ui
