//! Which operators, transformers and right-hand sides a type of values takes. Used when rules are loaded; the
//! engine can rely on it.

use capture::event::ParamType;

use super::def::{FieldDef, Transforms};
use crate::rules::condition::{Operator, Transform};

/// Groups of types that take the same operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeGroup {
    Number,
    Bool,
    Text,
    Buffer,
    /// Addresses and networks.
    Address,
    /// Types that cannot be compared.
    Other,
}

impl TypeGroup {
    /// The group of a type.
    pub fn of(ty: ParamType) -> Self {
        use ParamType as T;
        match ty {
            T::Bool => Self::Bool,
            T::CharBuf | T::FsPath | T::FsRelPath => Self::Text,
            T::ByteBuf => Self::Buffer,
            T::Ipv4Addr | T::Ipv6Addr | T::IpAddr | T::Ipv4Net | T::Ipv6Net | T::IpNet => Self::Address,
            T::None
            | T::SockAddr
            | T::SockTuple
            | T::FdList
            | T::Dyn
            | T::SigSet
            | T::CharBufArray
            | T::CharBufPairArray => Self::Other,
            _ => Self::Number,
        }
    }

    /// Whether values of the group can be compared by `operator`. Lists only take `exists`, `in` and
    /// `intersects`.
    pub fn allows(self, operator: Operator, is_list: bool) -> bool {
        use Operator as O;
        match operator {
            O::Exists | O::In | O::Intersects => self != Self::Other || operator == O::Exists,
            _ if is_list => false,
            O::Eq | O::Ne => self != Self::Other,
            O::Lt | O::Le | O::Gt | O::Ge => matches!(self, Self::Number | Self::Text),
            O::Contains | O::StartsWith | O::EndsWith => matches!(self, Self::Text | Self::Buffer),
            O::IContains | O::Glob | O::IGlob | O::Regex | O::PMatch => self == Self::Text,
            O::BContains | O::BStartsWith => self == Self::Buffer,
        }
    }
}

/// The type that `transform` makes of a value of type `ty`, and whether the result is a list; `None` where it
/// takes no such value. Of `join` and `getopt` this is about the list, of `concat` about each argument.
/// `selected` tells that `getopt` picks one option.
pub fn transformed_type(
    transform: Transform,
    ty: ParamType,
    is_list: bool,
    selected: bool,
) -> Option<(ParamType, bool)> {
    use ParamType as T;
    use Transform as X;
    let group = TypeGroup::of(ty);
    match transform {
        X::ToLower | X::ToUpper | X::Basename if group == TypeGroup::Text && !is_list => Some((ty, false)),
        X::B64 if matches!(ty, T::CharBuf | T::ByteBuf) && !is_list => Some((ty, false)),
        X::Concat if ty == T::CharBuf && !is_list => Some((ty, false)),
        X::Len if is_list || matches!(group, TypeGroup::Text | TypeGroup::Buffer) => Some((T::Uint64, false)),
        X::Join if is_list && group == TypeGroup::Text => Some((T::CharBuf, false)),
        X::Getopt if is_list && group == TypeGroup::Text => Some((T::CharBuf, !selected)),
        X::Val => Some((ty, is_list)),
        _ => None,
    }
}

impl FieldDef {
    /// Whether `transform` may be applied to the field as such; whether it takes the type of its value is
    /// [`transformed_type`]'s question.
    pub fn takes_transform(&self, transform: Transform) -> bool {
        match self.transforms {
            Transforms::ByType => true,
            Transforms::OnlyConcat => matches!(transform, Transform::Concat | Transform::Val),
            Transforms::None => transform == Transform::Val,
        }
    }
}
