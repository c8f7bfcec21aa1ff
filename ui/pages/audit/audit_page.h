// SPDX-License-Identifier: GPL-3.0-or-later
// Audit: who did what, before and after, with filters, proof of the chain and export. Route "audit";
// "audit/SUBJECT" filters by subject. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/client/when_done.h"
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

protected:
    void point(const Route &route) override;
    void onLoaded() override;

private:
    using Model = LazyTableModel<api::AuditEntry>;

    QWidget *build();
    QWidget *buildBar();
    void connectSignals();
    [[nodiscard]] api::ListAudit request(qint64 offset, qint64 limit) const;
    [[nodiscard]] bool isFiltered() const;
    void showCurrent();
    void verify();
    void exportShown(bool json);
    void fetchExport(const QString &path, bool json, QList<api::AuditEntry> lines);

    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    AuditDetail *m_detail = nullptr;
    SearchField *m_subject = nullptr;
    SearchField *m_actor = nullptr;
    QComboBox *m_kind = nullptr;
    QComboBox *m_period = nullptr;
    QLabel *m_count = nullptr;
    StateMark *m_proof = nullptr;
    QAction *m_verify;
    QAction *m_exportCsv;
    QAction *m_exportJson;
    LatestCall m_verifying;
    std::optional<Time> m_from;
};

}  // namespace cm::ui
