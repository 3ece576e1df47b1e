namespace Larr.Contrast;

/// <summary>The kinds of positive pairs: the three of LARR stage 2 (arXiv 2408.11523) and scene with item, our addition.</summary>
public enum PairKind
{
    /// <summary>Profiles of two users who behave alike.</summary>
    UserUser,

    /// <summary>Two items that the same user, or users in the same scene, clicked.</summary>
    ItemItem,

    /// <summary>A user's profile and an item the user clicked.</summary>
    UserItem,

    /// <summary>A scene value and an item clicked under it.</summary>
    SceneItem,
}
