//! YAML as a JSON value, so that tests ask both in the same way.

use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

/// The one document of the text. A key that stands twice is an error.
pub fn parse(text: &str) -> Result<Value, String> {
    let documents = YamlLoader::load_from_str(text).map_err(|error| error.to_string())?;
    match &documents[..] {
        [document] => value(document),
        _ => Err(format!("{} documents", documents.len())),
    }
}

fn value(yaml: &Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::String(text) | Yaml::Real(text) => Value::String(text.clone()),
        Yaml::Integer(number) => Value::from(*number),
        Yaml::Boolean(truth) => Value::Bool(*truth),
        Yaml::Null => Value::Null,
        Yaml::Array(list) => Value::Array(list.iter().map(value).collect::<Result<_, _>>()?),
        Yaml::Hash(entries) => {
            let mut map = Map::new();
            for (key, entry) in entries {
                let key = key.as_str().ok_or("a key that is no text")?;
                map.insert(key.to_owned(), value(entry)?);
            }
            Value::Object(map)
        }
        Yaml::Alias(_) | Yaml::BadValue => return Err(format!("{yaml:?}")),
    })
}
