//! Interim.
/// AUC.
pub fn auc(s: &[(f64, bool)]) -> Option<f64> {
    let mut v: Vec<_> = s.to_vec();
    v.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut p, mut n, mut sum) = (0.0, 0.0, 0.0);
    for g in v.chunk_by(|a, b| a.0 == b.0) {
        let gp = g.iter().filter(|x| x.1).count() as f64;
        let gn = g.len() as f64 - gp;
        sum += gp * n + gp * gn / 2.0;
        p += gp;
        n += gn;
    }
    (p > 0.0 && n > 0.0).then(|| sum / (p * n))
}
/// ECE.
pub fn ece(s: &[(f64, bool)]) -> Option<f64> {
    let mut b = [(0.0, 0.0, 0.0); 15];
    for &(p, y) in s {
        let i = ((p * 15.0) as usize).min(14);
        b[i].0 += p;
        b[i].1 += f64::from(y);
        b[i].2 += 1.0;
    }
    Some(b.iter().map(|(p, y, _)| f64::abs(p - y)).sum::<f64>() / s.len() as f64)
}
