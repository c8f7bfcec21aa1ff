// SPDX-License-Identifier: GPL-3.0-or-later
// Audit: who did what, before and after, on the registry and through its monitor, with filters, proof of both chains
// and export. Route "audit"; "audit/SUBJECT" filters by subject. GUI thread.
#pragma once

#include "ui/pages/audit/audit_sources.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/list_page.h"
#include "ui/shell/page_registry.h"

class QComboBox;
class QLabel;

namespace cm::ui {

class AuditDetail;
class DataTable;
class SearchField;
class StateMark;

PageFactory auditPage();

class AuditPage : public ListPage {
    Q_OBJECT
public:
    explicit AuditPage(const PageContext &context, QWidget *parent = nullptr);

    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;
    void refresh() override;
    void onMonitorEvent(const api::Event &event) override;

protected:
    // That of the monitor while it alone answers: its lines are about now.
    [[nodiscard]] const Connection &followed() const override;
    void showEvent(QShowEvent *event) override;
    void point(const Route &route) override;
    void onLoaded() override;

private:
    using Model = LazyTableModel<AuditLine>;

    QWidget *build();
    QWidget *buildBar();
    void connectSignals();
    [[nodiscard]] api::ListAudit filter() const;
    [[nodiscard]] bool isFiltered() const;
    void showCurrent();
    void showMissing();
    void readMonitorToo();
    void verify();
    void showProof(AuditSource source, const Result<api::AuditProof> &answer);
    void exportShown(bool json);
    void fetchExport(AuditSources *sources, const QString &path, bool json, QList<AuditLine> lines);

    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    AuditDetail *m_detail = nullptr;
    SearchField *m_subject = nullptr;
    SearchField *m_actor = nullptr;
    QComboBox *m_kind = nullptr;
    QComboBox *m_period = nullptr;
    QLabel *m_count = nullptr;
    AuditSources *m_sources;
    int m_generation = 0;
    bool m_monitorChanged = false;
    StateMark *m_missing = nullptr;
    StateMark *m_proof = nullptr;
    StateMark *m_monitorProof = nullptr;
    QAction *m_verify;
    QAction *m_exportCsv;
    QAction *m_exportJson;
    LatestCall m_verifying;
    LatestCall m_verifyingMonitor;
    std::optional<Time> m_from;
};

}  // namespace cm::ui
