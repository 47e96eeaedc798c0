//! The distributions that tests and intervals need, on the special functions of `statrs`.
//!
//! Quantiles are found by bisection of the distribution function, so that they are as exact as that is.

use crate::number::solve;
use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::ln_gamma;
use std::f64::consts::SQRT_2;

/// P(Z <= z) of the standard normal distribution.
pub(crate) fn normal(z: f64) -> f64 {
    erfc(-z / SQRT_2) / 2.0
}

/// The z with P(Z <= z) = `share`.
pub(crate) fn normal_quantile(share: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * share)
}

/// P(|Z| >= |z|).
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / SQRT_2)
}

/// P(X >= x) of the chi-squared distribution with one degree of freedom.
pub(crate) fn chi_squared_upper(x: f64) -> f64 {
    erfc((x.max(0.0) / 2.0).sqrt())
}

/// P(X <= x) of the beta distribution; 0 and 1 outside of its parameters' range, where there is all the weight on one end.
pub(crate) fn beta(a: f64, b: f64, x: f64) -> f64 {
    if a <= 0.0 {
        return 1.0;
    }
    if b <= 0.0 {
        return f64::from(x >= 1.0);
    }
    match checked_beta_reg(a, b, x.clamp(0.0, 1.0)) {
        Ok(share) if !share.is_nan() => share.clamp(0.0, 1.0),
        // Beyond what a continued fraction can follow, all weight is at the mean.
        _ => f64::from(x >= a / (a + b)),
    }
}

/// The x with P(X <= x) = `share` of the beta distribution.
pub(crate) fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    solve(0.0, 1.0, share, |x| beta(a, b, x))
}

/// With more degrees of freedom the incomplete beta function loses more digits than an expansion around the normal distribution.
const MANY: f64 = 1e5;

/// P(|T| >= |t|) of Student's distribution with so many degrees of freedom.
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> f64 {
    if degrees > MANY {
        return normal_two_sided(like_normal(t, degrees, 0.0));
    }
    beta(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// A t of so many degrees, shifted, as a value of the standard normal distribution, for many degrees.
///
/// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 26.7.8 and 26.7.10.
fn like_normal(t: f64, degrees: f64, shift: f64) -> f64 {
    (t * (1.0 - 1.0 / (4.0 * degrees)) - shift) / (1.0 + t * t / (2.0 * degrees)).sqrt()
}

/// The t with P(T <= t) = `share`, for shares of at least a half.
pub(crate) fn student_quantile(share: f64, degrees: f64) -> f64 {
    if degrees > MANY {
        // Abramowitz and Stegun, 26.7.5.
        let z = normal_quantile(share);
        let first = (z.powi(3) + z) / 4.0;
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
        return z + first / degrees + second / degrees.powi(2);
    }
    let outside = 2.0 * (1.0 - share);
    // The tail grows with x = degrees / (degrees + t^2).
    let x = beta_quantile(degrees / 2.0, 0.5, outside);
    // Near 1 (many degrees) x has few digits left for t, so that t itself is sought around there.
    let near = (degrees * (1.0 - x) / x).sqrt();
    solve(near * 0.999, near * 1.001 + 1e-9, -outside, |t| {
        -student_two_sided(t, degrees)
    })
}

/// P(T <= t) for t >= 0 of Student's distribution that is not centred on 0 but shifted by `shift`.
///
/// Source: Lenth, "Algorithm AS 243: Cumulative Distribution Function of the Non-Central t Distribution" (1989). The terms
/// around the greatest weight are summed, by their logarithms, so that large shifts do not underflow.
pub(crate) fn shifted_student(t: f64, degrees: f64, shift: f64) -> f64 {
    if degrees > MANY {
        return normal(like_normal(t, degrees, shift));
    }
    let x = t * t / (t * t + degrees);
    let rate = shift * shift / 2.0;
    let reach = 12.0 * rate.sqrt() + 60.0;
    let (first, last) = ((rate - reach).max(0.0).floor(), (rate + reach).ceil());
    let mut sum = 0.0;
    for j in first as u64..=last as u64 {
        let j = j as f64;
        // rate^j, which is 1 for j = 0 also where the rate is 0.
        let power = if j == 0.0 { 0.0 } else { j * rate.ln() };
        let even = (power - rate - ln_gamma(j + 1.0)).exp();
        let odd = shift / SQRT_2 * (power - rate - ln_gamma(j + 1.5)).exp();
        sum += even * beta(j + 0.5, degrees / 2.0, x) + odd * beta(j + 1.0, degrees / 2.0, x);
    }
    (normal(-shift) + sum / 2.0).clamp(0.0, 1.0)
}

/// P(X = k) of n fair coins.
pub(crate) fn coins(n: u64, k: u64) -> f64 {
    let (n, k) = (n as f64, k as f64);
    (ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0) - n * 2f64.ln()).exp()
}

/// P(X <= k) of n coins that fall on one side with chance p.
pub(crate) fn binomial(n: u64, p: f64, k: u64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta((n - k) as f64, k as f64 + 1.0, 1.0 - p)
}

/// The smallest k with P(X <= k) >= `share`: what a uniform chance becomes a binomial one by.
pub(crate) fn binomial_quantile(n: u64, p: f64, share: f64) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if binomial(n, p, middle) < share {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The p-value of a sign test: so many on one side, so many on the other, both as likely.
pub(crate) fn sign_two_sided(one: u64, other: u64) -> f64 {
    (2.0 * binomial(one.saturating_add(other), 0.5, one.min(other))).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 1e-9, "{got} {wanted}");
    }

    // Wanted values: SciPy 1.17.1.
    #[test]
    fn quantiles_are_those_of_scipy() {
        near(normal_quantile(0.975), 1.959_963_984_540_054);
        near(student_quantile(0.975, 1.0), 12.706_204_736_174_7);
        near(student_quantile(0.95, 3.0), 2.353_363_434_801_824);
        near(student_quantile(0.975, 199.0), 1.971_956_544_251_753_3);
        near(student_quantile(0.975, 99_999.0), 1.9599877077718442);
        near(student_quantile(0.975, 1e6), 1.959_966_356_814_107);
        near(student_quantile(0.9995, 1e9), 3.2905267412216563);
        near(
            beta_quantile(900_001.0, 100_000.0, 0.975),
            0.900_587_330_133_961_6,
        );
    }

    #[test]
    fn a_shift_of_nothing_is_no_shift() {
        for (t, degrees) in [(0.0, 3.0), (1.5, 3.0), (2.0, 49.0)] {
            near(
                shifted_student(t, degrees, 0.0),
                1.0 - student_two_sided(t, degrees) / 2.0,
            );
        }
    }

    #[test]
    fn many_degrees_join_few() {
        for t in [0.5, 2.0, 4.0] {
            let (few, many) = (MANY, MANY + 1.0);
            near(student_two_sided(t, few), student_two_sided(t, many));
            let shift = 2.8;
            let apart = shifted_student(t, few, shift) - shifted_student(t, many, shift);
            assert!(apart.abs() < 1e-6, "{t}: {apart}");
        }
    }

    #[test]
    fn shifts_are_those_of_scipy() {
        near(shifted_student(2.0, 49.0, 2.8), 0.213_521_622_606_200_45);
        near(shifted_student(12.7, 1.0, 16.0), 0.209_132_261_390_338_25);
        near(shifted_student(2.0, 49.0, -1.0), 0.998_315_561_610_477_4);
    }

    #[test]
    fn a_binomial_quantile_turns_its_distribution_round() {
        for k in 0..=20 {
            assert_eq!(binomial_quantile(20, 0.3, binomial(20, 0.3, k)), k);
        }
        assert_eq!(binomial_quantile(20, 0.0, 0.9), 0);
        assert_eq!(binomial_quantile(20, 1.0, 0.1), 20);
    }
}
