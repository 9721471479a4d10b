//! What the commands about workers' sessions, pools and vaults have in common.

mod act;
mod args;
mod holding;
mod terms;
mod text;
mod words;

pub use self::{
    act::{Acted, act},
    args::{ListArgs, Part, Rate, ReadArgs},
    holding::{Held, QueueShown, cancelled, withdrawn},
    terms::{check_delegation, check_overdue, check_owner, check_rate, check_served},
    text::{RateShown, Shares, Span, price, price_words},
};
