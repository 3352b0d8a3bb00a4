//! Least squares with weights that are not negative, by coordinate descent.

/// Most rounds over all columns.
const ROUNDS_MAX: usize = 20_000;

/// Share of the values' sum that it costs to double a weight, or to do without it.
const PENALTY: f64 = 1e-3;

/// Finds `w >= 0` that makes the squares of `rows * w - values`, each divided by the value, least: so a rule that
/// takes a hundred times as long counts ten times as much, not a hundred times. Many amounts go together (who reads a
/// command line searches it), so the data cannot tell all weights apart; a small penalty on going away from the
/// `known` weight, relative to it, decides where they do not.
pub fn solve(rows: &[Vec<f64>], values: &[f64], known: &[f64]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    let scaled: Vec<Vec<f64>> = rows
        .iter()
        .zip(values)
        .map(|(row, value)| row.iter().map(|x| x / value.max(1.0).sqrt()).collect())
        .collect();
    let targets: Vec<f64> = values.iter().map(|value| value / value.max(1.0).sqrt()).collect();
    let penalty = PENALTY * values.iter().sum::<f64>();
    let penalties: Vec<f64> = known.iter().map(|known| penalty / (known * known).max(1e-12)).collect();
    let gram: Vec<Vec<f64>> = (0..columns)
        .map(|i| (0..columns).map(|j| scaled.iter().map(|row| row[i] * row[j]).sum()).collect())
        .collect();
    let right: Vec<f64> = (0..columns)
        .map(|i| scaled.iter().zip(&targets).map(|(row, target)| row[i] * target).sum())
        .collect();
    let mut weights = known.to_vec();
    for _ in 0..ROUNDS_MAX {
        let mut change: f64 = 0.0;
        for i in 0..columns {
            let others: f64 = (0..columns).filter(|j| *j != i).map(|j| gram[i][j] * weights[j]).sum();
            let new = ((right[i] - others + penalties[i] * known[i]) / (gram[i][i] + penalties[i])).max(0.0);
            change = change.max((new - weights[i]).abs() / (weights[i].abs() + 1e-6));
            weights[i] = new;
        }
        if change < 1e-7 {
            break;
        }
    }
    weights
}

/// Share of the values' variance that the estimates explain.
pub fn r_squared(values: &[f64], estimates: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let residual: f64 = values.iter().zip(estimates).map(|(v, e)| (v - e).powi(2)).sum();
    1.0 - residual / values.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
}
