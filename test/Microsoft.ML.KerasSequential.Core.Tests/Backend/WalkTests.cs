using System.Text.RegularExpressions;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Walks over the names of keras.backend 2.3.1 with TensorFlow.</summary>
[TestClass]
public sealed partial class WalkTests
{
    const string Names =
        "epsilon set_epsilon floatx set_floatx cast_to_floatx image_data_format set_image_data_format reset_uids " +
            "get_uid learning_phase set_learning_phase is_sparse to_dense variable is_variable constant " +
        "is_keras_tensor is_tensor placeholder is_placeholder shape int_shape ndim dtype eval zeros ones eye " +
            "zeros_like ones_like identity random_uniform_variable random_normal_variable count_params cast " +
        "update update_add update_sub moving_average_update dot batch_dot transpose gather max min sum prod cumsum " +
            "cumprod var std mean any all argmax argmin square abs sqrt exp log logsumexp round sign pow " +
        "clip equal not_equal greater greater_equal less less_equal maximum minimum sin cos " +
            "normalize_batch_in_training batch_normalization concatenate reshape permute_dimensions resize_images " +
        "resize_volumes repeat_elements repeat arange tile flatten batch_flatten expand_dims squeeze "
        + "temporal_padding " +
            "spatial_2d_padding spatial_3d_padding stack one_hot reverse slice get_value " +
        "batch_get_value set_value batch_set_value print_tensor function gradients stop_gradient rnn switch " +
            "in_train_phase in_test_phase relu elu softmax softplus softsign categorical_crossentropy " +
        "sparse_categorical_crossentropy binary_crossentropy sigmoid hard_sigmoid tanh dropout l2_normalize in_top_k " +
            "conv1d separable_conv1d conv2d separable_conv2d conv2d_transpose depthwise_conv2d conv3d " +
        "conv3d_transpose pool2d pool3d bias_add random_normal random_uniform random_binomial truncated_normal " +
            "ctc_label_dense_to_sparse ctc_batch_cost ctc_decode map_fn foldl foldr local_conv1d " +
        "local_conv2d backend normalize_data_format name_scope symbolic eager size control_dependencies "
        + "clear_session " +
            "manual_variable_initialization get_session set_session pattern_broadcast";

    /// <summary>Why a name is absent.</summary>
    static readonly Dictionary<string, string> s_absent = new()
    {
        ["set_epsilon"] = "fused kernels hold the fuzz factor, so K.Epsilon is a constant; functions that need " +
            "another take it as an argument",
        ["set_floatx"] = "everything is float32",
        ["set_image_data_format"] =
            "the order is an argument of each layer and function; a setting of the whole process would change what " +
            "other code means",
        ["set_learning_phase"] =
            "each graph is traced for training or not; Layer.Call and K.InTrainPhase see which, and InTrainPhase " +
            "takes the phase as an argument",
        ["is_sparse"] = "there are no sparse tensors",
        ["to_dense"] = "there are no sparse tensors",
        ["is_keras_tensor"] = "tensors hold no history of layers: a Sequential takes any",
        ["ctc_label_dense_to_sparse"] = "there are no sparse tensors; K.CtcBatchCost takes dense labels",
        ["backend"] = "there is one backend; Device says where it computes",
        ["symbolic"] = "a decorator of Python; all functions are symbolic",
        ["eager"] = "a decorator of Python; K.Eval computes at once",
        ["control_dependencies"] = "graphs compute what their outputs and updates need, in the order of their data",
        ["clear_session"] = "there is no global graph: a model is freed when it is disposed or collected",
        ["manual_variable_initialization"] = "variables have their values from the start",
        ["get_session"] = "there are no sessions",
        ["set_session"] = "there are no sessions",
        ["pattern_broadcast"] = "Theano's",
    };

    [TestMethod]
    public void Every_name_of_the_Keras_2_3_1_backend_exists_or_has_a_reason()
    {
        string[] names = Names.Split(' ');
        Assert.HasCount(names.Distinct().Count(), names);
        foreach (string name in names)
        {
            bool here = typeof(K).GetMember(InDotNetCasing(name)).Length > 0;
            Assert.AreNotEqual(here, s_absent.ContainsKey(name),
                $"K.{InDotNetCasing(name)} ({name}) is neither here nor has a reason, or both.");
        }
        CollectionAssert.IsSubsetOf(s_absent.Keys, names);
    }

    /// <summary>batch_dot is BatchDot, conv2d is Conv2D.</summary>
    static string InDotNetCasing(string name) =>
        Dimensions().Replace(
            string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..])), "$1D");

    [GeneratedRegex("([0-9])d")]
    private static partial Regex Dimensions();
}
