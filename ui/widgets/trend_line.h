// SPDX-License-Identifier: GPL-3.0-or-later
// A trend as a thin line without axes, from 0 at the bottom to its greatest at the top; what is not known is a gap, and a
// day alone between gaps a dot. GUI thread.
#pragma once

#include "ui/models/trend.h"

#include <QColor>
#include <QRectF>

class QPainter;

namespace cm::ui {

void drawTrend(QPainter &painter, const QRectF &area, const Trend &trend, const QColor &color);

}  // namespace cm::ui
