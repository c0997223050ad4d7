//! Tables as wide as what is in them.

/// Rows under their heads, columns two blanks apart; nothing stands behind the last one.
pub(super) fn of<const N: usize>(head: Option<[&str; N]>, rows: Vec<[String; N]>) -> String {
    let head = head.map(|names| names.map(str::to_owned));
    let rows: Vec<[String; N]> = head.into_iter().chain(rows).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![["1".to_owned(), "x".to_owned()], ["longer".to_owned(), "é".to_owned()]];
        assert_eq!(super::of(Some(["KEY", "NAME"]), rows), "KEY     NAME\n1       x\nlonger  é");
        assert_eq!(super::of(Some(["KEY", "NAME"]), Vec::new()), "KEY  NAME");
    }
}
