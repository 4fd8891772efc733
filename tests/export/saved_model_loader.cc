// Runs signatures of a SavedModel through TensorFlow's C++ loader, as TensorFlow Serving does.
//
//   saved_model_loader MODEL [SIGNATURE INPUTS OUTPUTS]...
//
// INPUTS and OUTPUTS are files of tensors by name: SignatureDef messages, of which `defaults` is such a map. Inputs
// that are left out are filled from the signature's own defaults. Prints a line for each signature: "ok", or what
// TensorFlow says; OUTPUTS are written only where it is "ok".

#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "tensorflow/cc/saved_model/loader.h"
#include "tensorflow/cc/saved_model/util.h"

namespace {

absl::Status Run(const tensorflow::SavedModelBundle& bundle, const std::string& signature_name,
                 const std::string& inputs_path, const std::string& outputs_path) {
  const auto& signature = bundle.GetSignatures().at(signature_name);
  tensorflow::SignatureDef given;
  std::ifstream inputs_file(inputs_path, std::ios::binary);
  if (!given.ParseFromIstream(&inputs_file)) return absl::DataLossError(inputs_path);
  std::vector<std::pair<std::string, tensorflow::Tensor>> inputs;
  auto status = tensorflow::saved_model::GetInputValues(signature, given.defaults(), inputs);
  if (!status.ok()) return status;

  std::vector<std::string> names, tensor_names;
  for (const auto& [name, info] : signature.outputs()) {
    names.push_back(name);
    tensor_names.push_back(info.name());
  }
  std::vector<tensorflow::Tensor> tensors;
  status = bundle.GetSession()->Run(inputs, tensor_names, {}, &tensors);
  if (!status.ok()) return status;

  tensorflow::SignatureDef outputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    tensors[i].AsProtoField(&(*outputs.mutable_defaults())[names[i]]);
  }
  std::ofstream outputs_file(outputs_path, std::ios::binary);
  return outputs.SerializeToOstream(&outputs_file) ? status : absl::DataLossError(outputs_path);
}

}  // namespace

int main(int count, char** arguments) {
  tensorflow::SavedModelBundle bundle;
  const auto loaded = tensorflow::LoadSavedModel({}, {}, arguments[1], {"serve"}, &bundle);
  if (!loaded.ok()) {
    std::cerr << loaded << "\n";
    return 1;
  }
  for (int i = 2; i + 2 < count; i += 3) {
    const auto status = Run(bundle, arguments[i], arguments[i + 1], arguments[i + 2]);
    std::string line = status.ok() ? "ok" : status.ToString();
    for (char& character : line) {
      if (character == '\n') character = ' ';
    }
    std::cout << line << std::endl;
  }
}
