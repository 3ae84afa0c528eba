//! Enums of the model, frozen for payloads.

/// Declares the frozen twin of an enum of the model, and the ways between the two. New names go at the end.
macro_rules! twin {
    ($v1:ident, $model:ident, $($name:ident),+) => {
        #[derive(Serialize, Deserialize)]
        enum $v1 {
            $($name),+
        }

        impl From<$model> for $v1 {
            fn from(one: $model) -> Self {
                match one {
                    $($model::$name => Self::$name),+
                }
            }
        }

        impl From<$v1> for $model {
            fn from(one: $v1) -> Self {
                match one {
                    $($v1::$name => Self::$name),+
                }
            }
        }
    };
}
