//! Values between the guest's types and the driver's.

use bytes::{BufMut, BytesMut};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use rust_decimal::Decimal;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use uuid::Uuid;

use crate::bindings::spin::postgres::postgres::{DbDataType, DbValue, Interval, ParameterValue};

type Dynamic = Box<dyn std::error::Error + Sync + Send>;

pub(super) fn data_type(sql: &Type) -> DbDataType {
    match *sql {
        Type::BOOL => DbDataType::Boolean,
        Type::CHAR => DbDataType::Int8,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::BYTEA => DbDataType::Binary,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        Type::NUMERIC => DbDataType::Decimal,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::NUMERIC_ARRAY => DbDataType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => DbDataType::ArrayStr,
        Type::INTERVAL => DbDataType::Interval,
        _ => DbDataType::Other(sql.name().to_owned()),
    }
}

pub(super) fn from_row(row: &Row) -> Result<Vec<DbValue>, String> {
    (0..row.len())
        .map(|index| from_column(row, index).map_err(|e| e.to_string()))
        .collect()
}

fn from_column(row: &Row, index: usize) -> Result<DbValue, tokio_postgres::Error> {
    fn get<'a, T: FromSql<'a>>(
        row: &'a Row,
        index: usize,
        wrap: impl FnOnce(T) -> DbValue,
    ) -> Result<DbValue, tokio_postgres::Error> {
        Ok(row
            .try_get::<_, Option<T>>(index)?
            .map_or(DbValue::DbNull, wrap))
    }
    let Some(column) = row.columns().get(index) else {
        return Ok(DbValue::DbNull);
    };
    match *column.type_() {
        Type::BOOL => get(row, index, DbValue::Boolean),
        Type::CHAR => get(row, index, DbValue::Int8),
        Type::INT2 => get(row, index, DbValue::Int16),
        Type::INT4 => get(row, index, DbValue::Int32),
        Type::INT8 => get(row, index, DbValue::Int64),
        Type::FLOAT4 => get(row, index, DbValue::Floating32),
        Type::FLOAT8 => get(row, index, DbValue::Floating64),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => get(row, index, DbValue::Str),
        Type::BYTEA => get(row, index, DbValue::Binary),
        Type::DATE => get(row, index, |d: NaiveDate| DbValue::Date(date(d))),
        Type::TIME => get(row, index, |t: NaiveTime| DbValue::Time(time(t))),
        Type::TIMESTAMP => get(row, index, |t: NaiveDateTime| {
            DbValue::Datetime(datetime(t))
        }),
        // Spin reads both kinds as UTC without zone.
        Type::TIMESTAMPTZ => get(row, index, |t: DateTime<Utc>| {
            DbValue::Datetime(datetime(t.naive_utc()))
        }),
        Type::UUID => get(row, index, |id: Uuid| DbValue::Uuid(id.to_string())),
        Type::JSONB => get(row, index, |Json(bytes)| DbValue::Jsonb(bytes)),
        Type::NUMERIC => get(row, index, |d: Decimal| DbValue::Decimal(d.to_string())),
        Type::INT4_ARRAY => get(row, index, DbValue::ArrayInt32),
        Type::INT8_ARRAY => get(row, index, DbValue::ArrayInt64),
        Type::NUMERIC_ARRAY => get(row, index, |array: Vec<Option<Decimal>>| {
            DbValue::ArrayDecimal(
                array
                    .into_iter()
                    .map(|d| d.map(|d| d.to_string()))
                    .collect(),
            )
        }),
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => {
            get(row, index, DbValue::ArrayStr)
        }
        Type::INTERVAL => get(row, index, |Span(interval)| DbValue::Interval(interval)),
        _ => get(row, index, |Raw(bytes)| DbValue::Unsupported(bytes)),
    }
}

pub(super) fn to_sql(value: &ParameterValue) -> Result<Box<dyn ToSql + Send + Sync>, String> {
    Ok(match value {
        ParameterValue::Boolean(v) => Box::new(*v),
        ParameterValue::Int8(v) => Box::new(*v),
        ParameterValue::Int16(v) => Box::new(*v),
        ParameterValue::Int32(v) => Box::new(*v),
        ParameterValue::Int64(v) => Box::new(*v),
        ParameterValue::Floating32(v) => Box::new(*v),
        ParameterValue::Floating64(v) => Box::new(*v),
        ParameterValue::Str(v) => Box::new(v.clone()),
        ParameterValue::Binary(v) => Box::new(v.clone()),
        ParameterValue::Date((y, m, d)) => Box::new(to_date(*y, *m, *d)?),
        ParameterValue::Time((h, m, s, n)) => Box::new(to_time(*h, *m, *s, *n)?),
        ParameterValue::Datetime((y, mo, d, h, mi, s, n)) => Box::new(NaiveDateTime::new(
            to_date(*y, *mo, *d)?,
            to_time(*h, *mi, *s, *n)?,
        )),
        ParameterValue::Timestamp(v) => Box::new(
            DateTime::<Utc>::from_timestamp(*v, 0)
                .ok_or_else(|| format!("invalid timestamp {v}"))?,
        ),
        ParameterValue::Uuid(v) => {
            Box::new(Uuid::parse_str(v).map_err(|_| format!("invalid UUID {v}"))?)
        }
        ParameterValue::Jsonb(v) => {
            serde_json::from_slice::<serde::de::IgnoredAny>(v)
                .map_err(|e| format!("invalid JSON: {e}"))?;
            Box::new(Json(v.clone()))
        }
        ParameterValue::Decimal(v) => Box::new(to_decimal(v)?),
        ParameterValue::ArrayInt32(v) => Box::new(v.clone()),
        ParameterValue::ArrayInt64(v) => Box::new(v.clone()),
        ParameterValue::ArrayStr(v) => Box::new(v.clone()),
        ParameterValue::ArrayDecimal(v) => {
            let decimals = v.iter().map(|d| d.as_deref().map(to_decimal).transpose());
            Box::new(decimals.collect::<Result<Vec<_>, _>>()?)
        }
        ParameterValue::Interval(v) => Box::new(Span(*v)),
        ParameterValue::DbNull => Box::new(Null),
        ParameterValue::RangeInt32(_)
        | ParameterValue::RangeInt64(_)
        | ParameterValue::RangeDecimal(_) => {
            return Err("ranges are not supported by this engine".into());
        }
    })
}

fn to_decimal(text: &str) -> Result<Decimal, String> {
    Decimal::from_str_exact(text).map_err(|_| format!("invalid decimal {text}"))
}

fn to_date(y: i32, m: u8, d: u8) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(y, m.into(), d.into())
        .ok_or_else(|| format!("invalid date {y}-{m}-{d}"))
}

fn to_time(h: u8, m: u8, s: u8, n: u32) -> Result<NaiveTime, String> {
    NaiveTime::from_hms_nano_opt(h.into(), m.into(), s.into(), n)
        .ok_or_else(|| format!("invalid time {h}:{m}:{s}.{n}"))
}

/// A month, day, hour, minute or second: always fits.
fn small(n: u32) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

fn date(d: NaiveDate) -> (i32, u8, u8) {
    (d.year(), small(d.month()), small(d.day()))
}

fn time(t: NaiveTime) -> (u8, u8, u8, u32) {
    (
        small(t.hour()),
        small(t.minute()),
        small(t.second()),
        t.nanosecond(),
    )
}

fn datetime(t: NaiveDateTime) -> (i32, u8, u8, u8, u8, u8, u32) {
    let ((y, mo, d), (h, mi, s, n)) = (date(t.date()), time(t.time()));
    (y, mo, d, h, mi, s, n)
}

/// JSONB as text: parsing and printing it again would only cost time.
#[derive(Debug)]
struct Json(Vec<u8>);

impl<'a> FromSql<'a> for Json {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Dynamic> {
        match raw.split_first() {
            Some((1, text)) => Ok(Self(text.to_owned())),
            _ => Err("unknown JSONB version".into()),
        }
    }

    fn accepts(sql: &Type) -> bool {
        *sql == Type::JSONB
    }
}

impl ToSql for Json {
    fn to_sql(&self, sql: &Type, out: &mut BytesMut) -> Result<IsNull, Dynamic> {
        if *sql == Type::JSONB {
            out.put_u8(1);
        }
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(sql: &Type) -> bool {
        matches!(*sql, Type::JSONB | Type::JSON)
    }

    to_sql_checked!();
}

#[derive(Debug)]
struct Span(Interval);

impl<'a> FromSql<'a> for Span {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Dynamic> {
        let raw: [u8; 16] = raw.try_into()?;
        let [a, b, c, d, e, f, g, h, days @ .., m, n, o, p] = raw;
        Ok(Self(Interval {
            micros: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
            days: i32::from_be_bytes(days),
            months: i32::from_be_bytes([m, n, o, p]),
        }))
    }

    fn accepts(sql: &Type) -> bool {
        *sql == Type::INTERVAL
    }
}

impl ToSql for Span {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Dynamic> {
        out.put_i64(self.0.micros);
        out.put_i32(self.0.days);
        out.put_i32(self.0.months);
        Ok(IsNull::No)
    }

    fn accepts(sql: &Type) -> bool {
        *sql == Type::INTERVAL
    }

    to_sql_checked!();
}

/// A value of a type that the interface has no name for.
struct Raw(Vec<u8>);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Dynamic> {
        Ok(Self(raw.to_owned()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// NULL of any type.
#[derive(Debug)]
struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Dynamic> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
