// Package top shows what a hotcell does at this moment, from nothing but its
// GET /metrics. A scrape becomes a [Sample], two samples a [View], which is
// numbers that are ready to be shown, and [Render] makes text of it. Only
// [Live] knows of a terminal.
//
// What a server says is not trusted: an answer is bounded, and no name from it
// reaches a terminal with characters that steer one.
package top
